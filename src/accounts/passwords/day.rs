//! Recognises dates in digits, with any separators and few letters around them.

/// The maximum number of letters before a date, and after it, with which it stays weak.
const MOST_LETTERS: usize = 2;

/// Returns true for a year that people choose: from 1900 to 2099, or a similar one of the Hijri or the Thai calendar.
pub(in crate::accounts) fn is_year(year: u32) -> bool {
    matches!(year, 1900..2100 | 1300..1500 | 2440..2600)
}

/// Returns true for a date in digits, with the year first or last, and anything but letters between them. A year of
/// two digits, or a day or month of one, is recognised too.
pub(in crate::accounts) fn is_day(text: &str) -> bool {
    let text = without_few_letters(text);
    if text.chars().any(char::is_alphabetic) {
        return false;
    }
    let groups: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let digits = groups.concat();
    match digits.len() {
        6 if groups.len() == 1 => is_date(&split(&digits, 2, 2)),
        8 => is_date(&split(&digits, 2, 2)) || is_date(&split(&digits, 4, 2)),
        _ => is_date(&groups),
    }
}

/// Returns the text without the few letters before and after it.
fn without_few_letters(text: &str) -> &str {
    let length = |letters: &mut dyn Iterator<Item = char>| {
        letters.take(MOST_LETTERS).take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum::<usize>()
    };
    let text = &text[length(&mut text.chars())..];
    &text[..text.len() - length(&mut text.chars().rev())]
}

/// Returns the digits in three parts, of which the first and the second have these lengths.
fn split(digits: &str, one: usize, two: usize) -> [&str; 3] {
    [&digits[..one], &digits[one..one + two], &digits[one + two..]]
}

/// Returns true for a day, a month and a year, with the year first or last.
fn is_date(groups: &[&str]) -> bool {
    let [first, second, third] = groups else { return false };
    let number = |group: &str| group.parse::<u32>().unwrap_or(0);
    let is_year = |group: &str| group.len() == 2 || (group.len() == 4 && is_year(number(group)));
    let is_pair = |day: &str, month: &str| {
        day.len() <= 2 && month.len() <= 2 && (1..=31).contains(&number(day)) && (1..=12).contains(&number(month))
    };
    let is_either = |one: &str, other: &str| is_pair(one, other) || is_pair(other, one);
    (is_year(first) && is_either(second, third)) || (is_year(third) && is_either(first, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r5_dates_are_recognised_with_any_separators_and_few_letters_around_them() {
        for text in [
            "19900101",
            "01-01-1990",
            "1.1.1990a",
            "x2026-01-01",
            "ab2026/1/31xy",
            "(1/1/1990)",
            "!!01.01.90!!",
            "ab010190",
            "1 1 1447",
            "31.12.2567",
        ] {
            assert!(is_day(text), "{text}");
        }
        for text in
            ["", "20319931", "32.13.1990", "1.1.1800", "abc1.1.1990", "1.1.1990.1", "1a1a1990", "1.1.199", "1990"]
        {
            assert!(!is_day(text), "{text}");
        }
    }
}

//! Patterns that people take for passwords and attackers try: blanks, repetitions, rows of keys, and dates.

use crate::domain::is_invisible;

/// Rows of characters in which a few neighbours are easy to guess, in both directions: the alphabet, digits, rows and columns
/// of keyboards, and ways between them.
const ROWS: [&str; 17] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "02468",
    "13579",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "a1b2c3d4e5f6g7h8i9j0",
    "1a2b3c4d5e6f7g8h9i0j",
];

/// The digits that shifted keys stand for, on an American keyboard.
const SHIFTED: &str = "!@#$%^&*()";
const DIGITS: &str = "1234567890";

/// The shortest part of a row that counts as one.
const SHORTEST_RUN: usize = 3;
/// How many characters beside such parts do not make a password of them.
const MOST_BESIDE: usize = 2;
/// The longest part whose repetition is a pattern.
const LONGEST_PERIOD: usize = 4;
/// Longer repetitions and rows are not what attackers try first.
const LONGEST_PATTERN: usize = 32;

/// Seasons, months, days and their usual abbreviations, in the languages of the shop's pages.
const CALENDAR: [&str; 75] = [
    "spring",
    "summer",
    "autumn",
    "fall",
    "winter",
    "season",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "today",
    "birthday",
    "newyear",
    "musim",
    "musimhujan",
    "musimkemarau",
    "musimpanas",
    "musimdingin",
    "musimgugur",
    "musimsemi",
    "hujan",
    "kemarau",
    "panas",
    "dingin",
    "gugur",
    "semi",
    "januari",
    "februari",
    "maret",
    "mei",
    "juni",
    "juli",
    "agustus",
    "oktober",
    "desember",
    "agu",
    "agt",
    "ags",
    "okt",
    "des",
    "senin",
    "selasa",
    "rabu",
    "kamis",
    "jumat",
    "sabtu",
    "minggu",
    "tahunbaru",
];

/// Returns true if `text`, which is in lower case, is a pattern.
pub(super) fn is_pattern(text: &str) -> bool {
    let characters: Vec<char> = text.chars().filter(|c| !is_invisible(*c)).collect();
    let is_short = characters.len() <= LONGEST_PATTERN;
    characters.is_empty()
        || is_date(&characters)
        || (is_short && (is_repetition(&characters) || is_of_rows(&characters)))
}

/// Returns true if `word`, which is in lower case, names a time of the year or a day.
pub(super) fn is_calendar_word(word: &str) -> bool {
    CALENDAR.contains(&word)
}

/// A few characters over and over, or two different ones at all.
fn is_repetition(characters: &[char]) -> bool {
    let has_period =
        |period: usize| characters.iter().skip(period).eq(characters.iter().take(characters.len() - period));
    let mut different = characters.to_vec();
    different.sort_unstable();
    different.dedup();
    different.len() <= 2 || (1..=LONGEST_PERIOD.min(characters.len() / 2)).any(has_period)
}

/// Little else than parts of rows, however often each character is typed.
fn is_of_rows(characters: &[char]) -> bool {
    let mut typed: Vec<char> = characters.iter().map(|c| unshifted(*c)).collect();
    typed.dedup();
    let (mut rest, mut beside) = (&typed[..], 0);
    while !rest.is_empty() && beside <= MOST_BESIDE {
        let run = longest_run(rest);
        if run < SHORTEST_RUN {
            beside += 1;
        }
        rest = &rest[if run < SHORTEST_RUN { 1 } else { run }..];
    }
    beside <= MOST_BESIDE
}

/// Returns how many characters at the start follow each other in one row.
fn longest_run(characters: &[char]) -> usize {
    let run =
        |row: &mut dyn Iterator<Item = char>| row.zip(characters).take_while(|(row, typed)| row == *typed).count();
    let in_row = |row: &str| {
        let from = |start: usize| run(&mut row.chars().skip(start)).max(run(&mut row.chars().rev().skip(start)));
        (0..row.len()).map(from).max().unwrap_or(0)
    };
    ROWS.into_iter().map(in_row).max().unwrap_or(0)
}

fn unshifted(c: char) -> char {
    SHIFTED.find(c).and_then(|place| DIGITS.chars().nth(place)).unwrap_or(c)
}

/// A day or a year, in digits or with a word of the calendar.
fn is_date(characters: &[char]) -> bool {
    let letters: String = characters.iter().filter(|c| c.is_alphabetic()).collect();
    let digits: String = characters.iter().filter(|c| c.is_ascii_digit()).collect();
    if letters.is_empty() { is_day(&digits) } else { is_calendar_word(&letters) && digits.len() <= 8 }
}

/// Eight digits that name a day from 1900 to 2099, the year first or last.
fn is_day(digits: &str) -> bool {
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    let fits = |year: u32, one: u32, other: u32| {
        let is_pair = |day: u32, month: u32| (1..=31).contains(&day) && (1..=12).contains(&month);
        (1900..2100).contains(&year) && (is_pair(one, other) || is_pair(other, one))
    };
    digits.len() == 8
        && (fits(number(0, 4), number(4, 6), number(6, 8)) || fits(number(4, 8), number(0, 2), number(2, 4)))
}

//! Recognises seasons, months and days, which people combine with a year when a password expires.

use std::{collections::HashMap, sync::LazyLock};

use crate::accounts::passwords::chosen_password::work;

/// Words in English, Indonesian, German, Dutch, Spanish, Portuguese, French, Italian and Russian, in plain characters.
const WORDS: &str = "
    spring summer autumn fall winter season today birthday newyear
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
    monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
    musim hujan kemarau panas dingin gugur semi tahunbaru
    januari februari maret mei juni juli agustus oktober desember agu agt ags okt des
    senin selasa rabu kamis jumat sabtu minggu
    fruhling fruehling fruhjahr sommer herbst januar februar marz maerz mai dezember
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
    lente zomer herfst maart augustus maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    primavera verano otono invierno enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre
    noviembre diciembre lunes martes miercoles jueves viernes sabado domingo
    verao outono inverno janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro
    segunda terca quarta quinta sexta
    printemps ete automne hiver janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre
    lundi mardi mercredi jeudi vendredi samedi dimanche
    estate autunno gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
    lunedi martedi mercoledi giovedi venerdi domenica
    весна лето осень зима январь февраль март апрель маи июнь июль август сентябрь октябрь ноябрь декабрь
    понедельник вторник среда четверг пятница суббота воскресенье
";
/// Words and suffixes between the parts of a date.
const BETWEEN: [&str; 14] = ["in", "of", "the", "and", "st", "nd", "rd", "th", "de", "del", "di", "dan", "und", "et"];
/// The maximum number of digits per word: a day and its year.
const MOST_DIGITS: usize = 8;

/// The words of a date by their first two letters. Each has the number of words that it counts as.
static PARTS: LazyLock<HashMap<[char; 2], Vec<Part>>> = LazyLock::new(|| {
    let mut parts: HashMap<[char; 2], Vec<Part>> = HashMap::new();
    let words = WORDS.split_whitespace().map(|word| (word, 1)).chain(BETWEEN.map(|word| (word, 0)));
    for (letters, words) in words.map(|(word, words)| (word.chars().collect::<Vec<char>>(), words)) {
        if let [first, second, ..] = letters[..] {
            parts.entry([first, second]).or_default().push(Part { letters, words });
        }
    }
    parts
});

struct Part {
    letters: Vec<char>,
    words: usize,
}

/// Returns true if the letters of a plain text are seasons, months and days, with at most [`MOST_DIGITS`] digits per
/// word.
pub(in crate::accounts) fn is_date(text: &[char]) -> bool {
    let letters: Vec<char> = text.iter().copied().filter(|c| c.is_alphabetic()).collect();
    let digits = text.iter().filter(|c| c.is_ascii_digit()).count();
    let words = most_words(&letters, &[0]).pop().flatten();
    words.is_some_and(|words| words > 0 && digits <= MOST_DIGITS * words)
}

/// Returns true if the letters between one of the starts and one of the ends are words of the calendar.
pub(in crate::accounts) fn is_date_between(letters: &[char], starts: &[usize], ends: &[usize]) -> bool {
    let words_until = most_words(letters, starts);
    ends.iter().any(|end| words_until.get(*end).copied().flatten().is_some_and(|words| words > 0))
}

/// Returns for each place the maximum number of calendar words in the letters from one of the starts up to it, or
/// `None` if they contain anything else. Visits each place once.
fn most_words(letters: &[char], starts: &[usize]) -> Vec<Option<usize>> {
    let mut words_until = vec![None; letters.len() + 1];
    for start in starts {
        words_until[*start] = Some(0);
    }
    for start in 0..letters.len() {
        let (Some(words), rest) = (words_until[start], &letters[start..]) else { continue };
        for part in parts(rest).iter().filter(|part| starts_with(rest, part)) {
            let until = &mut words_until[start + part.letters.len()];
            *until = (*until).max(Some(words + part.words));
        }
    }
    words_until
}

/// Returns the words that begin with the first two of these letters.
fn parts(letters: &[char]) -> &'static [Part] {
    let first = letters.first_chunk::<2>();
    first.and_then(|first| PARTS.get(first)).map_or(&[], Vec::as_slice)
}

fn starts_with(letters: &[char], part: &Part) -> bool {
    work::count();
    letters.starts_with(&part.letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn n27_r5_only_text_made_of_calendar_words_is_a_date() {
        for text in ["summer", "summer-in-2024", "friday13th", "janfebmar", "17agustus1945", "verano2024", "зима2025"]
        {
            assert!(is_date(&letters(text)), "{text}");
        }
        for text in ["", "2024", "th", "in the", "summer1234567890", "my summer", "summerhouse", "лето и зима"]
        {
            assert!(!is_date(&letters(text)), "{text}");
        }
    }

    #[test]
    fn r5_a_date_may_begin_and_end_at_several_places() {
        let text = letters("xsmayjunesx");
        assert!(is_date_between(&text, &[0, 1, 2], &[9, 10, 11]));
        assert!(!is_date_between(&text, &[0, 1], &[9]) && !is_date_between(&text, &[2], &[10, 11]));
        assert!(!is_date_between(&text, &[2], &[2]));
    }
}

//! Seasons, months and days: what people put a year behind when a password expires.

/// In English, Indonesian, German, Dutch, Spanish, Portuguese, French, Italian and Russian, in plain characters.
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
/// What stands between the parts of a date.
const BETWEEN: [&str; 14] = ["in", "of", "the", "and", "st", "nd", "rd", "th", "de", "del", "di", "dan", "und", "et"];
/// The most digits of one word: a day and its year.
const MOST_DIGITS: usize = 8;

/// Returns true if all letters of a plain text are those of seasons, months and days.
pub(super) fn is_date(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| c.is_alphabetic()).collect();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    most_words(&letters).is_some_and(|words| words > 0 && digits <= MOST_DIGITS * words)
}

/// Returns of how many words of the calendar the letters consist, at most, or `None` if anything else is among them.
fn most_words(letters: &str) -> Option<usize> {
    let mut words_until = vec![None; letters.len() + 1];
    words_until[0] = Some(0);
    for start in 0..letters.len() {
        let Some(words) = words_until[start] else { continue };
        let parts = WORDS.split_whitespace().map(|word| (word, 1)).chain(BETWEEN.map(|word| (word, 0)));
        for (part, counted) in parts.filter(|(part, _)| letters[start..].starts_with(part)) {
            let until = &mut words_until[start + part.len()];
            *until = (*until).max(Some(words + counted));
        }
    }
    words_until[letters.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n27_r5_dates_are_made_of_words_of_the_calendar_alone() {
        for text in ["summer", "summer-in-2024", "friday13th", "janfebmar", "17agustus1945", "verano2024", "зима2025"]
        {
            assert!(is_date(text), "{text}");
        }
        for text in ["", "2024", "th", "in the", "summer1234567890", "my summer", "summerhouse", "лето и зима"]
        {
            assert!(!is_date(text), "{text}");
        }
    }
}

//! The most common passwords and words, as a filter that `script/common-passwords` writes. Each entry has 32 bits: 16
//! are its place in a table, and the other 16 are stored there. About 1 in 30,000 texts is a false positive.

use std::{collections::HashSet, sync::LazyLock};

use sha2::{Digest, Sha256};

use crate::accounts::passwords::chosen_password::work;

/// The number of passwords, then the number of entries in each place, then the other bits of the entries, sorted.
static FILTER: &[u8] = include_bytes!("common_passwords.bin");
const COUNT: usize = 4;
const PLACES: usize = 1 << 16;

/// The number of places per number in [`BEFORE`].
const STRIDE: usize = 1 << 8;
/// The number of entries before every 256th place.
static BEFORE: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let counts = FILTER.get(COUNT..COUNT + PLACES).unwrap_or_default();
    let sums = counts.chunks(STRIDE).map(sum);
    sums.scan(0, |before, sum| Some(std::mem::replace(before, *before + sum))).collect()
});

/// The maximum length of a listed password, in characters.
pub(in crate::accounts) const LONGEST: usize = 26;

/// Well-known passwords that the list does not contain.
const FAMOUS: [&str; 3] = ["correcthorsebatterystaple", "correcthorsebattery", "tr0ub4dor&3"];
/// Common Russian passwords and words, without the accents of й and ё.
static RUSSIAN: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "пароль моипароль секрет привет любовь любимая любимыи солнышко солнце заика котик кошка собака наташа сергеи
    марина александр дмитрии андреи максим анастасия екатерина татьяна светлана владимир россия москва спартак зенит
    динамо футбол король дракон самсунг компьютер интернет незнаю админ администратор гость доступ мама мамочка
    папа хорошо счастье здравствуи"
        .split_whitespace()
        .collect()
});

/// Returns true if `password`, in lower case, is common. Only passwords of 8 characters or more are listed.
pub(in crate::accounts) fn contains(password: &str) -> bool {
    let has_listed_length = (8..=LONGEST).contains(&password.chars().count());
    has_listed_length && (FAMOUS.contains(&password) || holds(Sha256::digest(password)))
}

/// Returns true if `word`, in lower case, is a common word of 4 to 7 letters, or a Russian one.
pub(in crate::accounts) fn contains_word(word: &str) -> bool {
    let may_be_listed = (4..=7).contains(&word.len());
    (!word.is_ascii() && RUSSIAN.contains(word))
        || (may_be_listed && holds(Sha256::new().chain_update([0]).chain_update(word).finalize()))
}

fn holds(digest: impl AsRef<[u8]>) -> bool {
    work::count();
    let ([place_high, place_low, high, low, ..], Some((counts, entries))) =
        (digest.as_ref(), FILTER.get(COUNT..).and_then(|rest| rest.split_at_checked(PLACES)))
    else {
        return false;
    };
    let place = usize::from(u16::from_be_bytes([*place_high, *place_low]));
    let block = place / STRIDE;
    let before = BEFORE[block] + sum(&counts[block * STRIDE..place]);
    entries.chunks_exact(2).skip(before).take(counts[place].into()).any(|entry| entry == [*high, *low])
}

fn sum(counts: &[u8]) -> usize {
    counts.iter().copied().map(usize::from).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list of earlier versions.
    const EARLIER: &str = include_str!("common_passwords.txt");

    #[test]
    fn r5_the_list_has_the_number_of_passwords_that_it_states() {
        let count = u32::from_be_bytes(FILTER[..COUNT].try_into().unwrap());
        assert!(count >= 100_000, "{count}");
        let (counts, entries) = FILTER[COUNT..].split_at(PLACES);
        let counted: usize = counts.iter().copied().map(usize::from).sum();
        assert_eq!(counted * 2, entries.len());
        assert!(counted >= count as usize, "{counted}");
    }

    #[test]
    fn n27_r5_the_passwords_of_the_earlier_list_are_still_refused() {
        assert_eq!(EARLIER.lines().count(), 10_000);
        let missing: Vec<&str> = EARLIER.lines().filter(|line| !contains(line)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn n27_r5_common_passwords_and_words_are_in_their_lists_and_others_are_not() {
        // The last two are not among the 80,000 most common.
        for password in ["password", "qwertyuiop", "1qaz2wsx", "superman", "maverick1", "butterfly1"] {
            assert!(contains(password), "{password}");
        }
        assert!(["dragon", "monkey", "qwerty"].into_iter().all(contains_word));
        assert!(!contains("dragon") && !contains_word("password"));
    }

    #[test]
    fn n27_r5_a_password_that_is_not_listed_is_rarely_found() {
        // The average number of entries in a place, of 65,536 possible ones, is the chance of a false positive.
        let entries = (FILTER.len() - COUNT - PLACES) / 2;
        let chance_to_one = PLACES * PLACES / entries;
        assert!(chance_to_one > 30_000, "1 in {chance_to_one}");
        let found: Vec<u32> = (0..1000).filter(|number| contains(&format!("no such password {number}"))).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}

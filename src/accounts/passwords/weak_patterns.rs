//! Recognises patterns that people choose as passwords and attackers try: blanks, few different characters, rows of
//! keys, numbers with a meaning, and dates in digits.

use super::day::is_day;
use crate::domain::is_invisible;

/// Rows of characters in which a few neighbours are easy to guess, in both directions: the alphabet, digits, rows and
/// columns of keyboards, and combinations of them.
const ROWS: [&str; 27] = [
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
    // Lines on a number pad.
    "147258369",
    "741852963",
    "159357",
    // Chinese numbers that sound like a sentence: 520 and 521, 1314.
    "5201314520",
    "5211314521",
    "1314521",
    // Russian, without the accent of й.
    "ицукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
    "абвгдежзиклмнопрстуфхцчшщъыьэюя",
];

/// The shifted keys of [`DIGITS`], on an American keyboard.
const SHIFTED: &str = "!@#$%^&*()";
const DIGITS: &str = "1234567890";

/// The minimum length of a part of a row.
const SHORTEST_RUN: usize = 3;
/// The maximum number of characters beside such parts with which a password stays weak.
const MOST_BESIDE: usize = 2;
/// A password with fewer different characters is a pattern.
const FEWEST_DIFFERENT: usize = 4;

/// Returns true if `text`, in plain characters, is a pattern.
pub(in crate::accounts) fn is_pattern(text: &str) -> bool {
    let characters: Vec<char> = text.chars().filter(|c| !is_invisible(*c)).collect();
    has_few_characters(&characters) || is_day(text) || is_of_rows(&characters) || is_interleaved(&characters)
}

fn has_few_characters(characters: &[char]) -> bool {
    let mut different = characters.to_vec();
    different.sort_unstable();
    different.dedup();
    different.len() < FEWEST_DIFFERENT
}

/// Returns true for little else than parts of rows, however often each character is repeated.
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

/// Returns true if every other character is of one row, and those in between are of another: "1q2w3e4r" on any
/// keyboard.
fn is_interleaved(characters: &[char]) -> bool {
    let every_other = |first: usize| characters.iter().copied().skip(first).step_by(2).collect::<Vec<_>>();
    is_of_rows(&every_other(0)) && is_of_rows(&every_other(1))
}

/// Returns the number of characters at the start that follow each other in one row.
fn longest_run(characters: &[char]) -> usize {
    let run =
        |row: &mut dyn Iterator<Item = char>| row.zip(characters).take_while(|(row, typed)| row == *typed).count();
    let from = |row: &'static str, (start, c): (usize, char)| {
        let (to_start, to_end) = (&row[..start + c.len_utf8()], &row[start..]);
        run(&mut to_end.chars()).max(run(&mut to_start.chars().rev()))
    };
    let is_first = |(_, c): &(usize, char)| characters.first() == Some(c);
    ROWS.into_iter()
        .flat_map(|row| row.char_indices().filter(is_first).map(move |start| from(row, start)))
        .max()
        .unwrap_or(0)
}

fn unshifted(c: char) -> char {
    SHIFTED.find(c).and_then(|place| DIGITS.chars().nth(place)).unwrap_or(c)
}

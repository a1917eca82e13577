//! Texts that repeat a part: however often it is typed, it is guessed once.

/// The most characters around the repetitions that do not make a password of them.
const MOST_DECORATION: usize = 6;

/// Returns what remains of a text that repeats a part twice or more, the last time perhaps not to its end: the part once, with
/// the few characters before and after. Takes time linear in the length of the text.
pub(super) fn repeated_unit(text: &str) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    let most = MOST_DECORATION.min(characters.len() / 3);
    (0..=most).find_map(|start| without_repetition(&characters, start, most - start))
}

/// Returns the text with its repetitions taken out, if these begin at `start` and end at most `most_after` before its end.
fn without_repetition(characters: &[char], start: usize, most_after: usize) -> Option<String> {
    let repeated = &characters[start..];
    let periods = periods(repeated);
    let shortest = repeated.len().saturating_sub(most_after).max(2);
    let end = (shortest..=repeated.len()).rev().find(|end| periods[end - 1] * 2 <= *end)?;
    let kept = [&characters[..start], &repeated[..periods[end - 1]], &repeated[end..]];
    Some(kept.concat().into_iter().collect())
}

/// Returns for each start of the text how long the part is of whose repetitions it consists: its whole length if it repeats
/// nothing (the failure function of Knuth, Morris and Pratt).
fn periods(text: &[char]) -> Vec<usize> {
    let mut borders: Vec<usize> = vec![0; text.len()];
    let mut border = 0;
    for place in 1..text.len() {
        while border > 0 && text[place] != text[border] {
            border = borders[border - 1];
        }
        border += usize::from(text[place] == text[border]);
        borders[place] = border;
    }
    borders.iter().enumerate().map(|(place, border)| place + 1 - border).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n27_r5_repetitions_are_reduced_to_what_is_repeated() {
        for (text, unit) in [
            (&*"a".repeat(33), "a"),
            (&format!("{}a", "abcd".repeat(8)), "abcd"),
            ("hunter2hunter2", "hunter2"),
            ("12121212!", "12!"),
            ("!!12121212", "!!12"),
            (&"seven tall herons".repeat(7), "seven tall herons"),
            (&"é☃".repeat(64), "é☃"),
        ] {
            assert_eq!(repeated_unit(text).as_deref(), Some(unit), "{text}");
        }
        for text in ["", "a", "ab", "Xk7#mQQ2", "seven tall herons", "banana split 42"] {
            assert_eq!(repeated_unit(text), None, "{text}");
        }
    }
}

//! Removes repetitions from texts: a repeated part takes one guess, however often it is typed.

/// The maximum number of characters around repetitions with which a password stays weak.
const MOST_DECORATION: usize = 6;
/// The minimum length of a part that counts as typed twice with other characters in between.
const SHORTEST_PART: usize = 4;

/// Returns what remains of a text that repeats a part at least twice, the last time perhaps incompletely: the part
/// once, with the few characters before and after. Takes time linear in the length of the text.
pub(in crate::accounts) fn repeated_unit(text: &str) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    let most = MOST_DECORATION.min(characters.len() / 3);
    (0..=most).find_map(|start| without_repetition(&characters, start, most - start))
}

/// Returns what remains of a text in which a part is typed twice, with few other characters before, between and after:
/// the part once, with these characters. Compares fewer than 100 pairs of parts, longest first.
pub(in crate::accounts) fn part_typed_twice(text: &str) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    let most = MOST_DECORATION.min(characters.len() / 3);
    let others = (1..=most).filter(|others| (characters.len() - others).is_multiple_of(2));
    let places = others.flat_map(|others| {
        let part = (characters.len() - others) / 2;
        (0..others)
            .flat_map(move |start| (1..=others - start).map(move |between| (part, start, start + part + between)))
    });
    let is_twice = |(part, first, second): &(usize, usize, usize)| {
        *part >= SHORTEST_PART && characters[*first..first + part] == characters[*second..second + part]
    };
    let (part, _, second) = places.into_iter().find(is_twice)?;
    Some([&characters[..second], &characters[second + part..]].concat().into_iter().collect())
}

/// Returns the text without its repetitions, if these begin at `start` and end at most `most_after` characters before
/// its end.
fn without_repetition(characters: &[char], start: usize, most_after: usize) -> Option<String> {
    let repeated = &characters[start..];
    let periods = periods(repeated);
    let shortest = repeated.len().saturating_sub(most_after).max(2);
    let end = (shortest..=repeated.len()).rev().find(|end| periods[end - 1] * 2 <= *end)?;
    let kept = [&characters[..start], &repeated[..periods[end - 1]], &repeated[end..]];
    Some(kept.concat().into_iter().collect())
}

/// Returns for each prefix of the text the length of the part that it repeats, or its own length if it repeats nothing
/// (the failure function of Knuth, Morris and Pratt).
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

    #[test]
    fn r5_a_part_typed_twice_around_other_characters_is_reduced_to_itself() {
        for (text, unit) in [
            ("password2026password", "password2026"),
            ("password1password2", "password12"),
            ("!secret?secret.", "!secret?."),
            ("éàüß-éàüß", "éàüß-"),
        ] {
            assert_eq!(part_typed_twice(text).as_deref(), Some(unit), "{text}");
        }
        for text in ["", "a", "abc1abc", "seven tall herons", "herons seven tall herons"] {
            assert_eq!(part_typed_twice(text), None, "{text}");
        }
    }
}

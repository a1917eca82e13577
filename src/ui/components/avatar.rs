//! A customer's initials instead of a picture.

use leptos::prelude::*;

/// The initials of a name. Screen readers skip them, because the name is next to them.
#[component]
#[expect(clippy::needless_pass_by_value, reason = "a component owns what it is given")]
pub(crate) fn Avatar(name: String) -> impl IntoView {
    view! { <span class="avatar" aria-hidden="true">{initials(&name)}</span> }
}

/// Returns the first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        for (name, expected) in [
            ("Ada Lovelace", "AL"),
            ("ada", "A"),
            ("Zoë van der Łuk", "ZŁ"),
            ("“Sam” (Lee)", "SL"),
            ("武田 信玄", "武信"),
            ("🙂", ""),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}

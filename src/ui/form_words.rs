//! The words of a form that lives in the browser. They come with its page, in the page's language: a browser loads none of the
//! other languages, nor what puts words together.

use serde::{Deserialize, Serialize};

/// Words by their keys.
// A list and not a map: a map's code is larger than the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormWords(Vec<(String, String)>);

impl FormWords {
    /// These words.
    #[must_use]
    pub fn new(words: Vec<(String, String)>) -> Self {
        Self(words)
    }

    /// What `key` stands for; nothing where it is not among them.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.0.iter().find(|(name, _)| name == key).map(|(_, text)| text.clone()).unwrap_or_default()
    }
}

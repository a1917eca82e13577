//! The texts of an island. The page contains them in its language, so that browsers load neither other languages nor
//! the code that formats texts.

use serde::{Deserialize, Serialize};

/// The texts by key.
// A list instead of a map: the code of a map is larger than the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormWords(Vec<(String, String)>);

impl FormWords {
    /// Returns a set of these texts.
    #[must_use]
    pub fn new(words: Vec<(String, String)>) -> Self {
        Self(words)
    }

    /// Returns the text of `key`, or an empty string if it is missing.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.0.iter().find(|(name, _)| name == key).map(|(_, text)| text.clone()).unwrap_or_default()
    }
}

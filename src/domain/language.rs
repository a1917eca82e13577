//! The languages that pages and mails are written in.

use serde::{Deserialize, Serialize};

/// A language that Doorstep speaks; what stands for it everywhere is its code of BCP 47.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "id")]
    Indonesian,
}

impl Language {
    /// Every one, as the switch shows them.
    pub const ALL: [Self; 2] = [Self::English, Self::Indonesian];

    /// Its code of BCP 47, as in the attribute `lang`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Indonesian => "id",
        }
    }

    /// Its own name for itself: whoever looks for it reads that.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Indonesian => "Bahasa Indonesia",
        }
    }

    /// Reads [`Self::code`]; `None` for what Doorstep does not speak.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_called_the_same_by_cookies_and_by_stores() {
        for language in Language::ALL {
            assert_eq!(Language::parse(language.code()), Some(language));
            assert_eq!(serde_json::to_value(language).unwrap(), language.code());
        }
        assert_eq!(Language::parse("EN"), None);
        assert_eq!(Language::parse(""), None);
    }
}

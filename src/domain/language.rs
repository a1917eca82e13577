//! The languages of pages and mails.

use serde::{Deserialize, Serialize};

/// A supported language, identified by its BCP 47 code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "id")]
    Indonesian,
}

impl Language {
    /// All languages, in the order of the language switch.
    pub const ALL: [Self; 2] = [Self::English, Self::Indonesian];

    /// Returns the BCP 47 code, as in the attribute `lang`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Indonesian => "id",
        }
    }

    /// Returns the name of the language in that language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Indonesian => "Bahasa Indonesia",
        }
    }

    /// Returns the language of a BCP 47 tag as browsers send it, whatever its subtags: `id-ID`. Older Java and Android
    /// use `in` for Indonesian, the code that ISO 639 replaced by `id`.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next()?.trim().to_ascii_lowercase();
        if language == "in" { Some(Self::Indonesian) } else { Self::parse(&language) }
    }

    /// Parses the output of [`Self::code`]. Returns `None` for an unsupported language.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n28_indonesian_is_known_by_its_old_code_too() {
        for tag in ["id", "ID", "id-ID", "in", "in-ID", "IN_id", "in-Latn-ID"] {
            assert_eq!(Language::of_tag(tag), Some(Language::Indonesian), "{tag}");
        }
        assert_eq!(Language::of_tag("en-GB"), Some(Language::English));
        for tag in ["", "inh", "ind", "de-ID", "*"] {
            assert_eq!(Language::of_tag(tag), None, "{tag}");
        }
    }

    #[test]
    fn a_language_is_called_the_same_by_cookies_and_by_stores() {
        for language in Language::ALL {
            assert_eq!(Language::parse(language.code()), Some(language));
            assert_eq!(serde_json::to_value(language).unwrap(), language.code());
        }
        assert_eq!(Language::parse("EN"), None);
        // Only the current code is ever written.
        assert_eq!(Language::parse("in"), None);
        assert_eq!(Language::parse(""), None);
    }
}

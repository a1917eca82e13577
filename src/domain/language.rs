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

    /// Returns the language of a tag of BCP 47 as browsers send it, however it is spoken in particular: `id-ID`. Older Java
    /// and Android call Indonesian `in`, the code that ISO 639 gave up for `id`.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next()?.trim().to_ascii_lowercase();
        if language == "in" { Some(Self::Indonesian) } else { Self::parse(&language) }
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
        // What is written is the new code alone.
        assert_eq!(Language::parse("in"), None);
        assert_eq!(Language::parse(""), None);
    }
}

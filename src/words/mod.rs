//! The texts of pages and mails in each language (Project Fluent).
//!
//! Each language is a folder beside this file. Texts are identified by keys. A test checks that all languages have the
//! same keys and arguments, and that the code uses only keys that exist.

use std::sync::LazyLock;

pub use fluent_bundle::FluentValue;
use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::{LanguageIdentifier, langid};

use crate::domain::Language;

/// The texts of one language.
pub struct Words(FluentBundle<FluentResource>);

static ENGLISH: LazyLock<Words> = LazyLock::new(|| Words::read(Language::English));
static INDONESIAN: LazyLock<Words> = LazyLock::new(|| Words::read(Language::Indonesian));

impl Words {
    /// Returns the texts of `language`.
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Indonesian => &INDONESIAN,
        }
    }

    /// Returns the text of `key`.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.fill(key, &[])
    }

    /// Returns the text of `key` with its arguments filled in.
    #[must_use]
    pub fn fill(&self, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        let arguments: FluentArgs<'_> = arguments.iter().map(|(name, value)| (*name, value.clone())).collect();
        let mut faults = Vec::new();
        let pattern = self.0.get_message(key).and_then(|message| message.value());
        let text = pattern.map(|pattern| self.0.format_pattern(pattern, Some(&arguments), &mut faults).into_owned());
        // A test checks all keys. If one is missed, the page still renders.
        debug_assert!(text.is_some() && faults.is_empty(), "there are no words for {key}: {faults:?}");
        text.unwrap_or_else(|| key.to_owned())
    }

    /// Returns the day of an RFC 3339 time: `2026-11-22T…` becomes `22 November 2026`. Any other text is returned
    /// unchanged.
    #[must_use]
    pub fn day(&self, time: &str) -> String {
        Moment::parse(time).map_or_else(|| time.to_owned(), |moment| self.fill("day", &moment.arguments()))
    }

    /// Returns the time to the minute of an RFC 3339 time in UTC: `24 November 2026, 04:10 UTC`.
    #[must_use]
    pub fn minute(&self, time: &str) -> String {
        Moment::parse(time).map_or_else(|| time.to_owned(), |moment| self.fill("minute", &moment.arguments()))
    }

    /// Returns the name of a device: `Firefox on Linux`, or the part of it that is known.
    #[must_use]
    pub fn device(&self, browser: &str, system: &str) -> String {
        match (browser, system) {
            ("", "") => self.say("device-unknown"),
            (known, "") | ("", known) => known.to_owned(),
            (browser, system) => self.fill("device", &[("browser", browser.into()), ("system", system.into())]),
        }
    }

    fn read(language: Language) -> Self {
        let (locale, sources) = sources(language);
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // The isolating marks around arguments would be copied along with an address or a code.
        bundle.set_use_isolating(false);
        for source in sources {
            // Messages that cannot be parsed are missing, which `fill` and the tests notice.
            let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(readable, _)| readable);
            bundle.add_resource_overriding(resource);
        }
        Self(bundle)
    }
}

fn sources(language: Language) -> (LanguageIdentifier, [&'static str; 2]) {
    match language {
        Language::English => (langid!("en"), [include_str!("en/pages.ftl"), include_str!("en/mails.ftl")]),
        Language::Indonesian => (langid!("id"), [include_str!("id/pages.ftl"), include_str!("id/mails.ftl")]),
    }
}

/// The parts of an RFC 3339 time that texts need.
struct Moment<'a> {
    year: &'a str,
    month: u8,
    day: u8,
    hour: &'a str,
    minute: &'a str,
}

impl<'a> Moment<'a> {
    fn parse(time: &'a str) -> Option<Self> {
        let (date, clock) = time.split_once('T')?;
        let (year, rest) = date.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        let (hour, rest) = clock.split_once(':')?;
        let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
        Some(Self { year, month, day: day.parse().ok()?, hour, minute: rest.get(..2)? })
    }

    fn arguments(&self) -> [(&'static str, FluentValue<'a>); 5] {
        [
            ("year", self.year.into()),
            ("month", self.month.into()),
            ("day", self.day.into()),
            ("hour", self.hour.into()),
            ("minute", self.minute.into()),
        ]
    }
}

#[cfg(test)]
mod tests;

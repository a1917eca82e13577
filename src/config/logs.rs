//! What is logged, and in which format.

use std::{fmt, io::IsTerminal};

use tracing::{Dispatch, Level, dispatcher, level_filters::LevelFilter};
use tracing_subscriber::{EnvFilter, layer::SubscriberExt};

use super::reader::Reader;

/// The target of what this program logs about itself.
pub const LOG_TARGET: &str = "doorstep";

/// `LOG_FORMAT`, `RUST_LOG`.
#[derive(Clone, Debug)]
pub struct LogsConfig {
    pub format: LogFormat,
    /// A filter in the syntax of `tracing_subscriber::EnvFilter`.
    pub filter: String,
}

/// For people (text) or for machines (JSON).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl LogFormat {
    /// Returns the format that `LOG_FORMAT` names. If it is unset or invalid: text on a terminal, JSON elsewhere.
    #[must_use]
    pub fn of(variable: Option<&str>) -> Self {
        let default = || if std::io::stderr().is_terminal() { Self::Text } else { Self::Json };
        variable.and_then(Self::parse).unwrap_or_else(default)
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

impl LogsConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let format = reader.parse_with("LOG_FORMAT", LogFormat::of(None), "text or json", LogFormat::parse);
        let form = "a level (error, warn, info, debug, trace or off), or pairs of a target and a level such as \
                    info,doorstep=debug";
        let filter =
            reader.parse_with("RUST_LOG", "info".to_owned(), form, |text| parse_filter(text).map(|_| text.to_owned()));
        let logs = Self { format, filter };
        if !logs.shows_errors() {
            reader.warn("RUST_LOG", "hides the errors of this program: add doorstep=error");
        }
        logs
    }

    /// Returns true if the filter shows errors of this program.
    #[must_use]
    pub fn shows_errors(&self) -> bool {
        let log = Dispatch::new(tracing_subscriber::registry().with(parse_filter(&self.filter)));
        dispatcher::with_default(&log, || tracing::enabled!(target: LOG_TARGET, Level::ERROR))
    }
}

/// Parses a filter. Returns `None` if it contains a word that is neither a level nor clearly a target: the library takes
/// a mistyped level, such as `warning`, as the only target to log.
fn parse_filter(text: &str) -> Option<EnvFilter> {
    let is_clear = |part: &str| {
        let has_syntax = part.contains(['=', '[', ']', '{', '}']) || part.contains("::");
        part.is_empty() || part == LOG_TARGET || has_syntax || part.parse::<LevelFilter>().is_ok()
    };
    text.split(',').all(is_clear).then(|| EnvFilter::try_new(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_neither_a_level_nor_a_target_is_no_filter() {
        for text in ["warning", "verbose", "err", "fatal", "info,debugg", "hyper", "doorstep=loud", "7"] {
            assert!(parse_filter(text).is_none(), "{text}");
        }
        for text in [
            "info",
            "WARN",
            "off",
            "3",
            "doorstep",
            "doorstep=debug",
            "info,hyper=off",
            "info,doorstep::access=warn",
            "doorstep::web",
            "info,",
            "[request{status=500}]=debug",
        ] {
            assert!(parse_filter(text).is_some(), "{text}");
        }
    }

    #[test]
    fn a_filter_that_hides_errors_is_recognised() {
        let shows = |filter: &str| LogsConfig { format: LogFormat::Text, filter: filter.to_owned() }.shows_errors();
        for filter in ["error", "info", "doorstep", "hyper=off,doorstep=error"] {
            assert!(shows(filter), "{filter}");
        }
        for filter in ["off", "hyper=debug", "doorstep::access=warn", "info,doorstep=off"] {
            assert!(!shows(filter), "{filter}");
        }
    }
}

//! What is logged, and in which format.

use std::{fmt, io::IsTerminal};

use super::reader::Reader;

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
        let form = "a log filter such as info or doorstep=debug";
        let filter = reader.parse_with("RUST_LOG", "info".to_owned(), form, |text| {
            tracing_subscriber::EnvFilter::try_new(text).ok().map(|_| text.to_owned())
        });
        Self { format, filter }
    }
}

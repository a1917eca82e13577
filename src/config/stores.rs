//! Where the data lives: on servers, or in the embedded store.

use std::{fmt, path::PathBuf};

use super::{RedisUrl, reader::Reader};

/// `MONGODB_URI` and `REDIS_URL`, or neither and `DATA_DIR`.
#[derive(Clone, Debug)]
pub enum StoresConfig {
    Servers { mongodb: ServiceUrl, redis: RedisUrl },
    Embedded { data_dir: PathBuf },
}

impl StoresConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let data_dir = PathBuf::from(reader.text("DATA_DIR").unwrap_or_else(|| "data".to_owned()));
        match (reader.text("MONGODB_URI"), reader.text("REDIS_URL")) {
            (None, None) => Self::Embedded { data_dir },
            (Some(mongodb), Some(redis)) => {
                // A parser's own message may quote the URL, and with it the password.
                if mongodb::options::ConnectionString::parse(&mongodb).is_err() {
                    reader.problem("MONGODB_URI", "must be a mongodb:// or mongodb+srv:// URI");
                }
                let redis = RedisUrl::parse(&redis).unwrap_or_else(|| {
                    reader.problem("REDIS_URL", "must be a redis://, redis+cluster:// or redis+sentinel:// URL");
                    RedisUrl::unread(redis)
                });
                Self::Servers { mongodb: ServiceUrl(mongodb), redis }
            }
            (Some(_), None) => {
                reader.problem("REDIS_URL", "is needed as well when MONGODB_URI is set (or set neither)");
                Self::Embedded { data_dir }
            }
            (None, Some(_)) => {
                reader.problem("MONGODB_URI", "is needed as well when REDIS_URL is set (or set neither)");
                Self::Embedded { data_dir }
            }
        }
    }
}

/// The URL of a service, whose password is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceUrl(String);

impl ServiceUrl {
    pub(super) fn new(url: String) -> Self {
        Self(url)
    }

    /// The whole of it, for the service's client alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The URL with `***` for whatever stands before the `@`, and no query, since options hold passwords too.
impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("", &self.0));
        let rest = rest.split('?').next().unwrap_or_default();
        match rest.rsplit_once('@') {
            Some((_, hosts)) => write!(f, "{scheme}://***@{hosts}"),
            None => write!(f, "{scheme}://{rest}"),
        }
    }
}

impl fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g2_the_password_of_a_store_is_never_printed() {
        for url in
            ["mongodb://u:hunter2@a:1,b:2/shop?tls=true", "rediss://:hunter2@c:6379/0", "redis://c?password=hunter2"]
        {
            let url = ServiceUrl(url.to_owned());
            assert!(!format!("{url} {url:?}").contains("hunter2"), "{url}");
        }
        assert_eq!(ServiceUrl("mongodb://u:p@a:1,b:2/shop".to_owned()).to_string(), "mongodb://***@a:1,b:2/shop");
    }
}

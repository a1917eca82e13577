//! Where the data is stored: on servers, or in the embedded store.

use std::{fmt, path::PathBuf};

use mongodb::options::ConnectionString;

use super::{
    RedisUrl, in_clear,
    reader::{Reader, SecretVariable},
};

/// `MONGODB_URI` and `REDIS_URL`, or neither and `DATA_DIR`.
#[derive(Clone, Debug)]
pub enum StoresConfig {
    Servers { mongodb: ServiceUrl, redis: RedisUrl },
    Embedded { data_dir: PathBuf },
}

impl StoresConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let data_dir = PathBuf::from(reader.value("DATA_DIR").unwrap_or_else(|| "data".to_owned()));
        let problems = reader.problem_count();
        let (mongodb, redis) = (reader.secret(SecretVariable::MONGODB_URI), reader.secret(SecretVariable::REDIS_URL));
        match (mongodb, redis) {
            (Some(mongodb), Some(redis)) => {
                Self::Servers { mongodb: read_mongodb(reader, mongodb), redis: read_redis(reader, redis) }
            }
            // One of them may be set but unreadable.
            (None, None) => Self::Embedded { data_dir },
            (mongodb, _) => {
                let (missing, given) =
                    if mongodb.is_some() { ("REDIS_URL", "MONGODB_URI") } else { ("MONGODB_URI", "REDIS_URL") };
                if reader.problem_count() == problems {
                    reader.problem(missing, format!("is required when {given} is set (or set neither)"));
                }
                Self::Embedded { data_dir }
            }
        }
    }
}

fn read_mongodb(reader: &mut Reader, uri: String) -> ServiceUrl {
    let uri = without_node_options(uri);
    // The parser's own message may quote the URL, including its password.
    match ConnectionString::parse(&uri) {
        Err(_) => reader.problem("MONGODB_URI", mongodb_problem(&uri)),
        Ok(parsed) => {
            if let Some(host) = in_clear::mongodb_host(&parsed) {
                let reason = format!("connects to {host} without TLS over a public network: add tls=true");
                reader.warn("MONGODB_URI", reason);
            }
        }
    }
    ServiceUrl(uri)
}

/// Options that old drivers for Node.js needed, and newer ones ignore. They are common in shops' settings.
const NODE_OPTIONS: [&str; 2] = ["useNewUrlParser", "useUnifiedTopology"];

/// Removes [`NODE_OPTIONS`] from a URI.
fn without_node_options(uri: String) -> String {
    let Some((start, query)) = uri.split_once('?') else { return uri };
    let is_ours = |option: &&str| !NODE_OPTIONS.iter().any(|ignored| name_of(option).eq_ignore_ascii_case(ignored));
    let options: Vec<&str> = query.split('&').filter(is_ours).collect();
    if options.is_empty() { start.to_owned() } else { format!("{start}?{}", options.join("&")) }
}

/// Returns the name of an option, which is written as `name=value`.
fn name_of(option: &str) -> &str {
    option.split('=').next().unwrap_or(option)
}

/// Returns what is wrong with a URI that cannot be parsed. Names the first bad option, unless it may be a part of an
/// unescaped password.
fn mongodb_problem(uri: &str) -> String {
    let is_valid = |uri: &str| ConnectionString::parse(uri).is_ok();
    let bad = uri.split_once('?').filter(|(start, query)| !query.contains('@') && is_valid(start));
    let bad = bad.and_then(|(start, query)| query.split('&').find(|option| !is_valid(&format!("{start}?{option}"))));
    match bad.map(name_of).filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        Some(name) => format!("the option {name} is unknown or has an invalid value"),
        None => "must be a mongodb:// or mongodb+srv:// URI".to_owned(),
    }
}

fn read_redis(reader: &mut Reader, url: String) -> RedisUrl {
    let Some(redis) = RedisUrl::parse(&url) else {
        reader.problem("REDIS_URL", "must be a redis://, redis+cluster:// or redis+sentinel:// URL");
        return RedisUrl::unread(url);
    };
    if let Some(host) = in_clear::redis_host(&redis) {
        let reason = format!("connects to {host} without TLS over a public network: use rediss://");
        reader.warn("REDIS_URL", reason);
    }
    redis
}

/// The URL of a service. Its password is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceUrl(String);

impl ServiceUrl {
    pub(super) fn new(url: String) -> Self {
        Self(url)
    }

    /// Returns the whole URL, for the service's client only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Writes the URL with `***` for everything before the `@`, and without its query, since options may contain passwords.
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

//! Host names of requests (`Host`, the authority of a request target), and the settings that they are compared with.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The characters of a registered name (RFC 3986, 3.2.2), besides letters and digits.
const PUNCTUATION: &[u8] = b"-._~!$&'()*+,;=%";

/// A host with or without a port: lower case, without the trailing dot of a fully qualified name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName {
    host: Host<String>,
    port: Option<u16>,
}

impl HostName {
    /// Parses `uri-host [":" port]` (RFC 9110, 7.2). Returns `None` for anything else, including an empty host.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let end = if text.starts_with('[') { text.find(']')? + 1 } else { text.find(':').unwrap_or(text.len()) };
        let (host, port) = text.split_at(end);
        let port = match port.strip_prefix(':') {
            Some("") => None,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
            None if port.is_empty() => None,
            _ => return None,
        };
        Some(Self { host: parse_host(host)?, port })
    }

    /// Parses a setting, which may also name a host in Unicode. Returns `None` for what no request can name, such as a
    /// wildcard, a suffix (`.shop.example`) or port 0: it would have no effect.
    #[must_use]
    pub fn parse_setting(text: &str) -> Option<Self> {
        let name = if text.is_ascii() {
            Self::parse(text)?
        } else {
            let (host, port) = text.split_once(':').unwrap_or((text, ""));
            Self::parse(&format!("{}:{port}", Host::parse(host).ok()?))?
        };
        let is_named = |host: &Host<String>| !matches!(host, Host::Domain(name) if !is_dns_name(name));
        (is_named(&name.host) && name.port != Some(0)).then_some(name)
    }

    /// Returns true if the name is `localhost` or a loopback address, whatever its port.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        }
    }

    /// Returns true if both name the same server, where a name without a port means `default_port`.
    #[must_use]
    pub fn is_same(&self, other: &Self, default_port: u16) -> bool {
        let port = |name: &Self| name.port.unwrap_or(default_port);
        self.host == other.host && port(self) == port(other)
    }

    /// Returns true if this setting allows `name`: the same host, on any port unless the setting has one.
    #[must_use]
    pub fn allows(&self, name: &Self) -> bool {
        self.host == name.host
            && match (self.port, name.port) {
                (None, _) => true,
                // The default port of http or https: behind a proxy it is unknown which of them the client used.
                (Some(port), None) => matches!(port, 80 | 443),
                (Some(port), Some(named)) => port == named,
            }
    }
}

/// Writes the host in the syntax of the setting.
impl std::fmt::Display for HostName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.host.fmt(f)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Returns true if a client can connect to the host and port of this URL: a name that DNS can have, or an address, and
/// not port 0.
pub(super) fn is_reachable(url: &Url) -> bool {
    let has_host = match url.host() {
        // In schemes other than those of the web, an IPv4 address counts as a name.
        Some(Host::Domain(name)) => {
            name.parse::<Ipv4Addr>().is_ok() || is_dns_name(name.strip_suffix('.').unwrap_or(name))
        }
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    };
    has_host && url.port() != Some(0)
}

/// Returns true for labels of letters, digits, hyphens and underscores (RFC 1123, 2.1; underscores are used by Compose
/// and others). The last one is not a number, which would be a part of an address.
fn is_dns_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len()) && label.bytes().all(is_part)
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253 && name.split('.').all(is_label) && !last.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_host(text: &str) -> Option<Host<String>> {
    if let Some(address) = text.strip_prefix('[') {
        return address.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(Host::Ipv6);
    }
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || PUNCTUATION.contains(&byte));
    if name.is_empty() || !is_name {
        return None;
    }
    Some(name.parse::<Ipv4Addr>().map_or(Host::Domain(name), Host::Ipv4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> HostName {
        HostName::parse(text).unwrap()
    }

    #[test]
    fn n26_a_host_is_the_same_in_every_usual_spelling() {
        for text in ["shop.example", "SHOP.Example", "shop.example.", "shop.example:", "shop.example:443"] {
            assert!(name(text).is_same(&name("shop.example"), 443), "{text}");
        }
        assert!(name("[0:0::1]:5000").is_same(&name("[::1]:5000"), 80));
        for text in ["shop.example:80", "shop.example.evil.test", "evil.test", "xshop.example", "shop.example..:443"] {
            assert!(!name(text).is_same(&name("shop.example"), 443), "{text}");
        }
    }

    #[test]
    fn n8_an_invalid_host_is_refused() {
        for text in [
            "",
            ".",
            ":80",
            "a b",
            "a/b",
            "a@b",
            "a:b",
            "a:1:2",
            "::1",
            "[::1",
            "[::1]x",
            "[x]",
            "a:65536",
            "a:+1",
            "a\\b",
            "a?b",
            "a#b",
            "é.example",
        ] {
            assert_eq!(HostName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn n8_only_names_and_addresses_of_this_machine_are_loopback() {
        for text in ["localhost", "LOCALHOST:5000", "localhost.", "127.0.0.1:1", "[::1]", "[::1]:5000"] {
            assert!(name(text).is_loopback(), "{text}");
        }
        for text in ["localhost.evil.test", "127.0.0.1.evil.test", "127.1", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]"] {
            assert!(!name(text).is_loopback(), "{text}");
        }
    }

    #[test]
    fn n8_a_setting_with_a_port_allows_that_port_and_one_without_allows_any() {
        let allows = |setting: &str, text: &str| HostName::parse_setting(setting).unwrap().allows(&name(text));
        assert!(allows("doorstep", "doorstep") && allows("doorstep", "Doorstep:5000"));
        assert!(allows("doorstep:5000", "doorstep:5000") && allows("doorstep:443", "doorstep"));
        assert!(!allows("doorstep:5000", "doorstep") && !allows("doorstep:5000", "doorstep:5001"));
        assert!(allows("[fd00::7]:5000", "[FD00:0::7]:5000"));
        assert!(
            allows("bücher.example:5000", "xn--bcher-kva.example:5000")
                && allows("bücher.example", "xn--bcher-kva.example")
        );
        for setting in ["*", "*.shop.example", "http://doorstep", "a b", "", "é b"] {
            assert_eq!(HostName::parse_setting(setting), None, "{setting}");
        }
    }

    #[test]
    fn n8_a_setting_that_no_request_can_name_is_refused() {
        for setting in [
            ".internal",
            ".bücher.example",
            "a..example",
            "shop.example..",
            "*.example",
            "sh*p.example",
            "https://shop.example",
            "shop.example/",
            "shop.example/login",
            "shop.example:0",
            "[::1]:0",
            "bücher.example:0",
            "a@shop.example",
            "shop.example,b",
            "10.0.0",
            "1.2.3.256",
            "~shop",
            "shop%2eexample",
        ] {
            assert_eq!(HostName::parse_setting(setting), None, "{setting}");
        }
        for setting in ["doorstep", "my_shop.internal:5000", "shop.example.", "10.0.0.1", "1.example", "[fd00::7]:80"] {
            assert!(HostName::parse_setting(setting).is_some(), "{setting}");
        }
    }

    #[test]
    fn x2_a_url_without_a_usable_host_or_port_is_not_reachable() {
        let is_reachable = |url: &str| is_reachable(&Url::parse(url).unwrap());
        for url in ["https://*.example", "https://a..example", "http://a:0", "smtp://a:0", "smtp://*", "mailto:a@b"] {
            assert!(!is_reachable(url), "{url}");
        }
        for url in ["https://shop.example", "smtp://127.0.0.1:25", "smtps://mail_1", "http://[::1]:4318", "http://a."] {
            assert!(is_reachable(url), "{url}");
        }
    }
}

//! Host names of requests (`Host`, the authority of a request target), and the settings that they are compared with.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::Host;

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

    /// Parses a setting, which may also name a host in Unicode.
    #[must_use]
    pub fn parse_setting(text: &str) -> Option<Self> {
        if text.is_ascii() {
            // Wildcards are refused because they would have no effect.
            return Self::parse(text).filter(|_| !text.contains('*'));
        }
        let (host, port) = text.split_once(':').unwrap_or((text, ""));
        Self::parse(&format!("{}:{port}", Host::parse(host).ok()?))
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
}

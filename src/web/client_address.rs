//! The address and the device of the client.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicBool, Ordering},
};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, header, request::Parts},
};
use ipnet::IpNet;

use super::{language, user_agent};
use crate::accounts::Client;

/// The header in which proxies pass on the client's address.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The maximum number of `X-Forwarded-For` hops that are read, starting at the end.
const MAX_HOPS: usize = 32;

/// The proxies whose `X-Forwarded-For` header is trusted (`TRUSTED_PROXIES`).
#[derive(Debug)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    /// True once a warning about a forwarding peer outside `networks` has been logged.
    has_warned: AtomicBool,
}

impl TrustedProxies {
    pub(super) fn new(networks: Vec<IpNet>) -> Self {
        Self { networks, has_warned: AtomicBool::new(false) }
    }

    fn contains(&self, address: IpAddr) -> bool {
        contains(&self.networks, address)
    }

    /// Logs once that an untrusted peer sends `X-Forwarded-For`. It is probably the shop's own proxy, in which case all
    /// customers share the limits of one address.
    pub(super) fn warn_of_others(&self, extensions: &Extensions, headers: &HeaderMap) {
        let peer = peer(extensions);
        let is_ignored = headers.contains_key(FORWARDED_FOR) && !self.contains(peer);
        if is_ignored && !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                %peer,
                "X-Forwarded-For ignored: the peer is not in TRUSTED_PROXIES; add its address there if it is your proxy"
            );
        }
    }
}

/// Returns true if one of the networks contains the address, even if it is an IPv4-mapped IPv6 address.
pub(super) fn contains(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// Returns the client of a request: its address and the device in its `User-Agent`.
pub(super) fn client(parts: &Parts, trusted_proxies: &TrustedProxies) -> Client {
    let user_agent = parts.headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let device = user_agent.map(|text| user_agent::device(&text)).unwrap_or_default();
    Client { address: address(parts, trusted_proxies), device, language: language::known(&parts.headers) }
}

/// Returns the client's address.
pub(super) fn address(parts: &Parts, trusted_proxies: &TrustedProxies) -> IpAddr {
    furthest_believed(peer(&parts.extensions), &parts.headers, trusted_proxies)
}

/// Returns the address of the connection's other end.
fn peer(extensions: &Extensions) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip())
}

/// Returns the last address, going backwards through `X-Forwarded-For`, that was reported by a trusted proxy. Entries
/// further left can be written by the client (ASVS 5.0, 15.3.4).
fn furthest_believed(peer: IpAddr, headers: &HeaderMap, trusted_proxies: &TrustedProxies) -> IpAddr {
    let values = headers.get_all(FORWARDED_FOR).iter().rev();
    let hops = values.flat_map(|value| value.as_bytes().rsplit(|&b| b == b',')).map(<[u8]>::trim_ascii);
    let mut nearest = peer;
    for hop in hops.filter(|hop| !hop.is_empty()).take(MAX_HOPS) {
        if !trusted_proxies.contains(nearest) {
            break;
        }
        match parse_hop(hop) {
            Some(address) => nearest = address,
            None => break,
        }
    }
    nearest
}

/// Parses an address as proxies write it: plain, quoted, in brackets, or with a port.
fn parse_hop(hop: &[u8]) -> Option<IpAddr> {
    let hop = str::from_utf8(hop).ok()?;
    let hop = hop.strip_prefix('"').and_then(|hop| hop.strip_suffix('"')).unwrap_or(hop).trim_ascii();
    let in_brackets = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']'));
    let bare = in_brackets.and_then(|hop| hop.parse().ok().map(IpAddr::V6)).or_else(|| hop.parse().ok());
    bare.or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn address_of(peer: &str, forwarded: &[&str], proxies: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let proxies = TrustedProxies::new(proxies.iter().map(|network| network.parse().unwrap()).collect());
        furthest_believed(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn l4_forwarded_headers_of_an_untrusted_peer_are_ignored() {
        assert_eq!(address_of("192.0.2.1", &["198.51.100.7"], &[]), "192.0.2.1");
        assert_eq!(address_of("192.0.2.1", &["198.51.100.7"], &["10.0.0.0/8"]), "192.0.2.1");
    }

    #[test]
    fn l4_only_the_forwarded_address_that_a_trusted_proxy_added_is_used() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(address_of("10.0.0.1", &["198.51.100.7"], &proxies), "198.51.100.7");
        assert_eq!(address_of("10.0.0.1", &["203.0.113.9, 198.51.100.7"], &proxies), "198.51.100.7");
        assert_eq!(address_of("10.0.0.1", &["203.0.113.9", "198.51.100.7, 10.0.0.2"], &proxies), "198.51.100.7");
        assert_eq!(address_of("10.0.0.1", &["198.51.100.7, nonsense"], &proxies), "10.0.0.1");
        assert_eq!(address_of("::ffff:10.0.0.1", &["2001:db8::1"], &proxies), "2001:db8::1");
        assert_eq!(address_of("10.0.0.1", &[], &proxies), "10.0.0.1");
    }

    #[test]
    fn n21_an_address_is_understood_as_proxies_write_it() {
        let proxies = ["10.0.0.0/8"];
        for (forwarded, address) in [
            ("198.51.100.7:443", "198.51.100.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:8080", "2001:db8::1"),
            ("\"[2001:db8::1]:8080\"", "2001:db8::1"),
            ("\"198.51.100.7\"", "198.51.100.7"),
            (" 203.0.113.9 ,\t198.51.100.7 ", "198.51.100.7"),
            ("198.51.100.7, ,, 10.0.0.2:80,", "198.51.100.7"),
            ("münchen, 198.51.100.7", "198.51.100.7"),
            ("198.51.100.7, münchen", "10.0.0.1"),
            ("198.51.100.7, unknown", "10.0.0.1"),
            ("198.51.100.7, [10.0.0.2", "10.0.0.1"),
            ("198.51.100.7, [10.0.0.2]", "10.0.0.1"),
            ("198.51.100.7, 10.0.0.2:99999", "10.0.0.1"),
            ("198.51.100.7, \"", "10.0.0.1"),
            ("", "10.0.0.1"),
        ] {
            assert_eq!(address_of("10.0.0.1", &[forwarded], &proxies), address, "{forwarded:?}");
        }
        assert_eq!(address_of("10.0.0.1", &["203.0.113.9", "", "198.51.100.7:1, ,", ""], &proxies), "198.51.100.7");
        // All are proxies: the last one read counts.
        let hops: Vec<String> = (1..=200).rev().map(|hop| format!("10.0.1.{hop}")).collect();
        assert_eq!(address_of("10.0.0.1", &[&hops.join(", ")], &proxies), format!("10.0.1.{MAX_HOPS}"));
    }
}

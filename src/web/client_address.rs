//! Who is asking, as far as the connection tells.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, header, request::Parts},
};
use ipnet::IpNet;

use super::{language, user_agent};
use crate::accounts::Client;

/// The client of a request: its address, and its device as its browser tells.
pub(super) fn client(parts: &Parts, trusted_proxies: &[IpNet]) -> Client {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
    let user_agent = parts.headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let device = user_agent.map(|text| user_agent::device(&text)).unwrap_or_default();
    Client {
        address: address(peer, &parts.headers, trusted_proxies),
        device,
        language: language::known(&parts.headers),
    }
}

/// The address that counts. `X-Forwarded-For` is read from its end, as far as each hop is a configured proxy: whatever
/// stands further left was written by the client (ASVS 5.0, 15.3.4).
fn address(peer: IpAddr, headers: &HeaderMap, trusted_proxies: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| {
        let address = address.to_canonical();
        trusted_proxies.iter().any(|network| network.contains(&address))
    };
    let mut nearest = peer;
    let hops = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = hops.flat_map(|value| value.split(',')).map(str::trim).collect();
    for hop in hops.into_iter().rev() {
        if !is_trusted(&nearest) {
            break;
        }
        match hop.parse() {
            Ok(address) => nearest = address,
            Err(_) => break,
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address_of(peer: &str, forwarded: &[&str], proxies: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let proxies: Vec<IpNet> = proxies.iter().map(|network| network.parse().unwrap()).collect();
        address(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn l4_forwarded_headers_of_a_stranger_do_not_count() {
        assert_eq!(address_of("192.0.2.1", &["198.51.100.7"], &[]), "192.0.2.1");
        assert_eq!(address_of("192.0.2.1", &["198.51.100.7"], &["10.0.0.0/8"]), "192.0.2.1");
    }

    #[test]
    fn l4_a_proxy_is_believed_and_what_a_client_wrote_before_it_is_not() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(address_of("10.0.0.1", &["198.51.100.7"], &proxies), "198.51.100.7");
        assert_eq!(address_of("10.0.0.1", &["203.0.113.9, 198.51.100.7"], &proxies), "198.51.100.7");
        assert_eq!(address_of("10.0.0.1", &["203.0.113.9", "198.51.100.7, 10.0.0.2"], &proxies), "198.51.100.7");
        assert_eq!(address_of("10.0.0.1", &["198.51.100.7, nonsense"], &proxies), "10.0.0.1");
        assert_eq!(address_of("::ffff:10.0.0.1", &["2001:db8::1"], &proxies), "2001:db8::1");
        assert_eq!(address_of("10.0.0.1", &[], &proxies), "10.0.0.1");
    }
}

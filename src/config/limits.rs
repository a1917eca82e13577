//! The limits of attempts, and the proxies that are trusted to report a client's address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::reader::Reader;

/// The largest `SIGN_UPS_PER_HOUR`.
const MOST_SIGN_UPS: u32 = 100_000;

/// `RATE_LIMITS`, `SIGN_UPS_PER_HOUR`, `TRUSTED_PROXIES`.
#[derive(Clone, Debug)]
pub struct LimitsConfig {
    pub enabled: bool,
    /// The number of sign-ups of a network per hour before it has to wait between them, 1 to 100,000.
    pub sign_ups_per_hour: u32,
    /// Networks whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
}

impl LimitsConfig {
    pub(super) fn read(reader: &mut Reader, loopback: bool) -> Self {
        let form = "on or off (off only with a loopback PUBLIC_URL)";
        let enabled = reader.parse_with("RATE_LIMITS", true, form, |text| match text {
            "on" => Some(true),
            "off" if loopback => Some(false),
            _ => None,
        });
        let form = "a number from 1 to 100000";
        let sign_ups_per_hour = reader.parse_with("SIGN_UPS_PER_HOUR", 60, form, |text| {
            text.parse().ok().filter(|number| (1..=MOST_SIGN_UPS).contains(number))
        });
        let form = "networks such as 10.0.0.0/8, separated by commas";
        let trusted_proxies = reader.parse_with("TRUSTED_PROXIES", Vec::new(), form, |text| {
            text.split(',').map(|network| parse_network(network.trim())).collect()
        });
        if trusts_strangers(&trusted_proxies) {
            let reason = "covers more than half of all public addresses, so strangers could forge their address: list \
                          only your proxies";
            reader.problem("TRUSTED_PROXIES", reason);
        }
        Self { enabled, sign_ups_per_hour, trusted_proxies }
    }
}

/// The unicast addresses of IPv4 (RFC 5771: those from 224.0.0.0 are multicast or reserved).
const IPV4_UNICAST: [Ipv4Net; 3] = [
    Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 1),
    Ipv4Net::new_assert(Ipv4Addr::new(128, 0, 0, 0), 2),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 0, 0), 3),
];

/// The largest IPv4 networks that are not in public use (RFC 6890).
const IPV4_PRIVATE: [Ipv4Net; 7] = [
    Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 8),
    Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10),
    Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16),
    Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// The allocated unicast addresses of IPv6 (RFC 4291, 2.4).
const IPV6_UNICAST: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Returns true if the networks together cover more than half of the public addresses of IPv4 or of IPv6.
fn trusts_strangers(networks: &[IpNet]) -> bool {
    // Aggregated networks do not overlap.
    let networks = IpNet::aggregate(&networks.to_vec());
    let public_ipv4 = |networks: &[IpNet]| -> u128 {
        let count = |parts: &[Ipv4Net]| -> u128 {
            parts.iter().flat_map(|part| networks.iter().map(|network| overlap(*network, (*part).into()))).sum()
        };
        count(&IPV4_UNICAST) - count(&IPV4_PRIVATE)
    };
    let ipv6: u128 = networks.iter().map(|network| overlap(*network, IPV6_UNICAST.into())).sum();
    2 * public_ipv4(&networks) > public_ipv4(&IPV4_UNICAST.map(IpNet::from))
        || 2 * ipv6 > overlap(IPV6_UNICAST.into(), IPV6_UNICAST.into())
}

/// Returns the number of addresses that two networks share: those of the smaller one, or none.
fn overlap(one: IpNet, other: IpNet) -> u128 {
    let size = |network: IpNet| 1_u128.checked_shl((network.max_prefix_len() - network.prefix_len()).into());
    let smaller = if one.contains(&other) {
        Some(other)
    } else if other.contains(&one) {
        Some(one)
    } else {
        None
    };
    // All of IPv6 is never the smaller one here.
    smaller.map_or(0, |network| size(network).unwrap_or(u128::MAX))
}

/// Parses a network or a single address. An IPv4-mapped IPv6 address becomes IPv4 (RFC 4291, 2.5.5.2), since clients
/// are compared by their IPv4 address.
fn parse_network(text: &str) -> Option<IpNet> {
    let network = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    let IpNet::V6(mapped) = network else { return Some(network) };
    let address = mapped.addr().to_ipv4_mapped();
    match (address, mapped.prefix_len().checked_sub(96)) {
        (Some(address), Some(length)) => Ipv4Net::new(address, length).ok().map(IpNet::V4),
        // A network that contains the mapped addresses and is larger.
        (Some(_), None) => None,
        (None, _) => Some(network),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n9_networks_that_together_cover_most_public_addresses_are_recognised() {
        let trusts_strangers = |text: &str| {
            let networks: Vec<IpNet> = text.split(',').map(|network| parse_network(network).unwrap()).collect();
            trusts_strangers(&networks)
        };
        for text in [
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/8,::/0",
            "0.0.0.0/1,128.0.0.0/1",
            "128.0.0.0/1,0.0.0.0/2,64.0.0.0/2",
            "::/1,8000::/1",
            "2000::/3",
            "10.1.2.3/0",
            "0.0.0.0/1",
            "0.0.0.0/2,64.0.0.0/2,128.0.0.0/2,192.0.0.0/3",
            "1.0.0.0/8,2.0.0.0/7,4.0.0.0/6,8.0.0.0/5,16.0.0.0/4,32.0.0.0/3,64.0.0.0/2,128.0.0.0/1",
            "128.0.0.0/1,1.0.0.0/8,2.0.0.0/7,4.0.0.0/6,16.0.0.0/4",
            "::ffff:0:0/96",
            "2000::/4,3000::/5",
        ] {
            assert!(trusts_strangers(text), "{text}");
        }
        for text in [
            "10.0.0.0/8",
            "64.0.0.0/2",
            "128.0.0.0/1",
            "127.0.0.1",
            "::1",
            "fd00::/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10",
            "224.0.0.0/3",
            "::/96",
            "2000::/4",
        ] {
            assert!(!trusts_strangers(text), "{text}");
        }
    }

    #[test]
    fn n9_a_network_of_ipv4_that_is_written_as_ipv6_is_the_same_network() {
        for (text, network) in [
            ("::ffff:127.0.0.1", "127.0.0.1/32"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:10.1.2.3/128", "10.1.2.3/32"),
            ("::1", "::1/128"),
            ("fd00::/8", "fd00::/8"),
        ] {
            assert_eq!(parse_network(text).unwrap().to_string(), network, "{text}");
        }
        assert_eq!(parse_network("::ffff:10.0.0.0/90"), None);
    }
}

//! How attempts are limited, and whose word about a client's address counts.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv6Net};

use super::reader::Reader;

/// The largest `SIGN_UPS_PER_HOUR`.
const MOST_SIGN_UPS: u32 = 100_000;

/// `RATE_LIMITS`, `SIGN_UPS_PER_HOUR`, `TRUSTED_PROXIES`.
#[derive(Clone, Debug)]
pub struct LimitsConfig {
    pub enabled: bool,
    /// How many sign-ups a network may make in an hour before it has to wait between them, 1 to 100,000.
    pub sign_ups_per_hour: u32,
    /// Networks whose `X-Forwarded-For` is believed.
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
        if trusts_everybody(&trusted_proxies) {
            let reason =
                "covers every address, so that anybody could say which address they come from: name your proxies";
            reader.problem("TRUSTED_PROXIES", reason);
        }
        Self { enabled, sign_ups_per_hour, trusted_proxies }
    }
}

/// Returns true if the networks together cover all addresses of IPv4, or of IPv6 those that are given out (RFC 4291, 2.4).
fn trusts_everybody(networks: &[IpNet]) -> bool {
    let given_out = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
    IpNet::aggregate(&networks.to_vec()).iter().any(|network| match network {
        IpNet::V4(network) => network.prefix_len() == 0,
        IpNet::V6(network) => network.contains(&given_out),
    })
}

/// A network, or a single address.
fn parse_network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n9_networks_that_add_up_to_everything_are_told_from_proxies() {
        let trusts_everybody = |text: &str| {
            let networks: Vec<IpNet> = text.split(',').map(|network| parse_network(network).unwrap()).collect();
            trusts_everybody(&networks)
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
        ] {
            assert!(trusts_everybody(text), "{text}");
        }
        for text in ["10.0.0.0/8", "0.0.0.0/1", "127.0.0.1", "::1", "fd00::/8,10.0.0.0/8,192.168.0.0/16", "::/96"] {
            assert!(!trusts_everybody(text), "{text}");
        }
    }
}

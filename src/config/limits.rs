//! How attempts are limited, and whose word about a client's address counts.

use std::net::IpAddr;

use ipnet::IpNet;

use super::reader::Reader;

/// `RATE_LIMITS`, `TRUSTED_PROXIES`.
#[derive(Clone, Debug)]
pub struct LimitsConfig {
    pub enabled: bool,
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
        let form = "networks such as 10.0.0.0/8, separated by commas";
        let trusted_proxies = reader.parse_with("TRUSTED_PROXIES", Vec::new(), form, |text| {
            text.split(',').map(|network| parse_network(network.trim())).collect()
        });
        Self { enabled, trusted_proxies }
    }
}

/// A network, or a single address.
fn parse_network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

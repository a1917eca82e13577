//! How attempts are limited, and whose word about a client's address counts.

use std::net::IpAddr;

use ipnet::IpNet;

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
        Self { enabled, sign_ups_per_hour, trusted_proxies }
    }
}

/// A network, or a single address.
fn parse_network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

//! The network of a client: precise enough to tell that a device has not moved, and no more precise than that.

use std::{fmt, net::IpAddr};

/// The /24 of an IPv4 address, or the /48 of an IPv6 address. An IPv4-mapped IPv6 address counts as IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// Returns the network of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                [a, b, c, 0].into()
            }
            IpAddr::V6(address) => (address.to_bits() & (u128::MAX << 80)).to_be_bytes().into(),
        })
    }
}

/// Writes its first address.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n7_a_network_is_a_24_of_ipv4_and_a_48_of_ipv6() {
        let network = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(network("192.0.2.7"), network("192.0.2.200"));
        assert_eq!(network("192.0.2.7"), network("::ffff:192.0.2.9"));
        assert_ne!(network("192.0.2.7"), network("192.0.3.7"));
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:ff::"));
        assert_ne!(network("2001:db8:1:2::3"), network("2001:db8:2:2::3"));
        assert_eq!(network("2001:db8:1:2::3").to_string(), "2001:db8:1::");
    }
}

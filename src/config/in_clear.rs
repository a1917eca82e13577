//! Detects stores that are reached without encryption over a public network.

use std::net::{IpAddr, Ipv6Addr};

use mongodb::options::{ConnectionString, HostInfo, ServerAddress, Tls};
use url::Url;

use super::{RedisServers, RedisUrl};

/// Domains that the public DNS never has (RFC 6761, 6762, 8375; ICANN for `internal`).
const PRIVATE_NAMES: [&str; 4] = [".localhost", ".local", ".home.arpa", ".internal"];

/// Returns the first host of a MongoDB URI that is reached unencrypted over a public network.
pub(super) fn mongodb_host(uri: &ConnectionString) -> Option<String> {
    let is_encrypted = match (&uri.tls, &uri.host_info) {
        (Some(Tls::Enabled(_)), _) => true,
        (Some(Tls::Disabled), _) => false,
        // mongodb+srv:// is encrypted unless an option disables it.
        (None, info) => matches!(info, HostInfo::DnsRecord(_)),
    };
    let hosts = match &uri.host_info {
        _ if is_encrypted => return None,
        HostInfo::DnsRecord(name) => vec![name.as_str()],
        HostInfo::HostIdentifiers(addresses) => addresses.iter().filter_map(host_of).collect(),
        _ => Vec::new(),
    };
    hosts.into_iter().find(|host| !is_private(host)).map(str::to_owned)
}

/// Returns the first host of a Redis URL that is reached unencrypted over a public network.
pub(super) fn redis_host(url: &RedisUrl) -> Option<String> {
    let nodes = match url.servers() {
        RedisServers::One(node) => std::slice::from_ref(node),
        RedisServers::Cluster(nodes) => nodes,
        RedisServers::Sentinel { sentinels, .. } => sentinels,
    };
    let in_clear = nodes.iter().filter_map(|node| Url::parse(node.expose()).ok()).filter(|url| url.scheme() == "redis");
    in_clear.filter_map(|url| url.host_str().map(str::to_owned)).find(|host| !is_private(host))
}

fn host_of(address: &ServerAddress) -> Option<&str> {
    match address {
        ServerAddress::Tcp { host, .. } => Some(host),
        _ => None,
    }
}

/// Returns true for loopback, for addresses and names that are not routed on the internet, and for single-label names,
/// such as those of a compose file's services.
fn is_private(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_private() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => is_private_v6(address),
        Err(_) => {
            let name = host.trim_end_matches('.').to_ascii_lowercase();
            !name.contains('.') || PRIVATE_NAMES.iter().any(|suffix| name.ends_with(suffix))
        }
    }
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n10_a_mongodb_in_clear_over_the_internet_is_found() {
        let host = |uri: &str| mongodb_host(&ConnectionString::parse(uri).unwrap());
        for uri in [
            "mongodb://u:hunter2@db.example/shop",
            "mongodb://10.0.0.1,db.example:27018/shop",
            "mongodb://db.example/?tls=false",
            "mongodb+srv://db.example/?tls=false",
        ] {
            assert_eq!(host(uri).as_deref(), Some("db.example"), "{uri}");
        }
        assert_eq!(host("mongodb://203.0.113.9").as_deref(), Some("203.0.113.9"));
        for uri in [
            "mongodb://db.example/?tls=true",
            "mongodb://db.example/?ssl=true",
            "mongodb+srv://db.example/shop",
            "mongodb://127.0.0.1:27017/shop",
            "mongodb://localhost",
            "mongodb://mongodb:27017/doorstep?replicaSet=rs0",
            "mongodb://10.1.2.3,192.168.0.1,172.16.0.1,169.254.1.1",
            "mongodb://mongo1.internal",
            "mongodb://[fd00::1]:27017,[fe80::1],[::1]",
        ] {
            assert_eq!(host(uri), None, "{uri}");
        }
    }

    #[test]
    fn n10_a_redis_in_clear_over_the_internet_is_found() {
        let host = |url: &str| redis_host(&RedisUrl::parse(url).unwrap());
        for url in [
            "redis://:hunter2@cache.example:6379/0",
            "redis://10.0.0.1:1,cache.example:2",
            "redis+cluster://cache.example",
            "redis+sentinel://u:p@cache.example:1,10.0.0.1:2/shop/0",
        ] {
            assert_eq!(host(url).as_deref(), Some("cache.example"), "{url}");
        }
        for url in [
            "rediss://cache.example",
            "rediss+cluster://cache.example",
            "redis://redis:6379/0",
            "redis://localhost",
            "redis://[::1]:6379",
            "redis://[fd00::1]:6379",
            "redis://192.168.1.2",
            "redis+unix:///run/redis.sock",
        ] {
            assert!(RedisUrl::parse(url).is_none_or(|url| redis_host(&url).is_none()), "{url}");
        }
        assert_eq!(host("redis://[2001:db8::1]:6379").as_deref(), Some("[2001:db8::1]"));
        assert_eq!(host("redis://172.32.0.1").as_deref(), Some("172.32.0.1"));
    }
}

//! The Redis URL and setup: a server, a cluster, or a server that Sentinels manage.

use std::fmt;

use redis::IntoConnectionInfo;
use url::Url;

use super::{ServiceUrl, host_name::is_reachable};

/// `REDIS_URL`: `redis://host:6379/0` for a server; `redis://a:6379,b:6379` or `redis+cluster://a:6379` for some nodes
/// of a cluster; `redis+sentinel://a:26379,b:26379/name/0` for Sentinels with their name of the primary and its
/// database. `rediss` uses TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisUrl {
    url: ServiceUrl,
    servers: RedisServers,
}

/// The Redis setup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedisServers {
    One(ServiceUrl),
    /// Some of its nodes. They report the others.
    Cluster(Vec<ServiceUrl>),
    Sentinel {
        /// Each with the user, the password and the database of Redis itself.
        sentinels: Vec<ServiceUrl>,
        service: String,
    },
}

impl RedisUrl {
    /// Parses a URL.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let servers = read(text)?;
        let nodes = match &servers {
            RedisServers::One(node) => std::slice::from_ref(node),
            RedisServers::Cluster(nodes) => nodes,
            RedisServers::Sentinel { sentinels, .. } => sentinels,
        };
        let are_good = !nodes.is_empty() && nodes.iter().all(|node| is_node(node.expose()));
        are_good.then(|| Self { url: ServiceUrl::new(text.to_owned()), servers })
    }

    /// Returns a value for a URL that cannot be parsed, so that the remaining configuration is checked too.
    pub(super) fn unread(text: String) -> Self {
        let url = ServiceUrl::new(text);
        Self { servers: RedisServers::One(url.clone()), url }
    }

    #[must_use]
    pub fn servers(&self) -> &RedisServers {
        &self.servers
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

/// Returns true for a URL that the library can connect to.
fn is_node(url: &str) -> bool {
    let has_host = |url: Url| !["redis", "rediss"].contains(&url.scheme()) || is_reachable(&url);
    url.into_connection_info().is_ok() && Url::parse(url).is_ok_and(has_host)
}

fn read(text: &str) -> Option<RedisServers> {
    let (scheme, rest) = text.split_once("://")?;
    let (scheme, kind) = scheme.split_once('+').map_or((scheme, None), |(scheme, kind)| (scheme, Some(kind)));
    if !["redis", "rediss"].contains(&scheme) {
        // Another kind of URL that the library supports, such as a socket.
        return kind.is_none().then(|| RedisServers::One(ServiceUrl::new(text.to_owned())));
    }
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (user, hosts) = authority.rfind('@').map_or(("", authority), |at| authority.split_at(at + 1));
    let nodes =
        |path: &str| hosts.split(',').map(|host| ServiceUrl::new(format!("{scheme}://{user}{host}{path}"))).collect();
    match kind {
        None if !hosts.contains(',') => Some(RedisServers::One(ServiceUrl::new(text.to_owned()))),
        // A cluster has only one database.
        None | Some("cluster") => ["", "/", "/0"].contains(&path).then(|| RedisServers::Cluster(nodes(""))),
        Some("sentinel") => {
            let (service, database) = path.strip_prefix('/')?.split_once('/').unwrap_or((&path[1..], ""));
            let sentinels = nodes(&format!("/{database}"));
            (!service.is_empty()).then(|| RedisServers::Sentinel { sentinels, service: service.to_owned() })
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(urls: &[&str]) -> Vec<ServiceUrl> {
        urls.iter().map(|url| ServiceUrl::new((*url).to_owned())).collect()
    }

    #[test]
    fn urls_of_one_server_a_cluster_and_sentinels_are_distinguished() {
        let servers = |text: &str| RedisUrl::parse(text).unwrap().servers().clone();
        for one in ["redis://a", "rediss://u:p@a:6379/2", "redis://a?protocol=resp3"] {
            assert_eq!(servers(one), RedisServers::One(ServiceUrl::new(one.to_owned())));
        }
        assert_eq!(servers("redis://a:1,b:2/0"), RedisServers::Cluster(nodes(&["redis://a:1", "redis://b:2"])));
        assert_eq!(servers("rediss+cluster://:p@a:1"), RedisServers::Cluster(nodes(&["rediss://:p@a:1"])));
        assert_eq!(
            servers("redis+sentinel://:p@a:1,b:2/shop/3"),
            RedisServers::Sentinel {
                sentinels: nodes(&["redis://:p@a:1/3", "redis://:p@b:2/3"]),
                service: "shop".to_owned()
            }
        );
    }

    #[test]
    fn x2_an_invalid_redis_url_is_refused() {
        for text in ["", "a:6379", "http://a", "redis+sentinel://a:1", "redis+sentinel://a:1/", "redis://a:1,b:2/3"] {
            assert_eq!(RedisUrl::parse(text), None, "{text}");
        }
        for text in [
            "redis+ring://a",
            "redis://a:1,",
            "redis+cluster://",
            "redis://a:port",
            "redis://a:0",
            "redis://a:1,b:0",
            "redis://*.example",
        ] {
            assert_eq!(RedisUrl::parse(text), None, "{text}");
        }
    }

    #[test]
    fn g2_its_password_is_never_printed() {
        let url = RedisUrl::parse("redis+sentinel://u:hunter2@a:1,b:2/shop").unwrap();
        assert!(!format!("{url} {url:?}").contains("hunter2"), "{url:?}");
        assert_eq!(url.to_string(), "redis+sentinel://***@a:1,b:2/shop");
    }
}

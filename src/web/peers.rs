//! The limit of connections per peer.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use ipnet::IpNet;

use super::client_address;
use crate::accounts::counted_network;

/// Counts the connections of each peer, which is an IPv4 address or an IPv6 /64. This machine and the trusted proxies
/// are not limited.
pub(super) struct Peers {
    trusted: Vec<IpNet>,
    limit: usize,
    counts: Mutex<HashMap<IpAddr, usize>>,
    has_warned: AtomicBool,
}

/// A connection of a peer, counted until this is dropped. `None` for a peer without a limit.
pub(super) struct PeerConnection(Option<(Arc<Peers>, IpAddr)>);

impl Peers {
    pub(super) fn new(trusted: Vec<IpNet>, limit: usize) -> Arc<Self> {
        Arc::new(Self { trusted, limit, counts: Mutex::default(), has_warned: AtomicBool::new(false) })
    }

    /// Counts a connection of `peer`, or returns `None` if it has too many.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<PeerConnection> {
        if peer.to_canonical().is_loopback() || client_address::contains(&self.trusted, peer) {
            return Some(PeerConnection(None));
        }
        let network = counted_network(peer);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(network).or_default();
        if *count >= self.limit {
            drop(counts);
            self.warn(peer);
            return None;
        }
        *count += 1;
        Some(PeerConnection(Some((self.clone(), network))))
    }

    /// Logs once that a peer has too many connections.
    fn warn(&self, peer: IpAddr) {
        if !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                %peer,
                limit = self.limit,
                "connection refused: too many of one address; if it is your proxy, add it to TRUSTED_PROXIES"
            );
        }
    }
}

impl Drop for PeerConnection {
    fn drop(&mut self) {
        let Some((peers, network)) = self.0.take() else { return };
        let mut counts = peers.counts.lock().unwrap_or_else(PoisonError::into_inner);
        // Peers without connections are removed, so that they use no memory.
        if let Some(count) = counts.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(peers: &Arc<Peers>, peer: impl Fn(usize) -> String) -> Vec<PeerConnection> {
        (0..1000).filter_map(|n| peers.admit(peer(n).parse().unwrap())).collect()
    }

    #[test]
    fn n12_one_address_has_a_bounded_number_of_connections() {
        let peers = Peers::new(vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:ffff::/48".parse().unwrap()], 256);
        let first = admitted(&peers, |_| "192.0.2.1".to_owned());
        assert_eq!(first.len(), 256);
        assert_eq!(admitted(&peers, |_| "::ffff:192.0.2.1".to_owned()).len(), 0, "it is the same address");
        assert_eq!(admitted(&peers, |_| "192.0.2.2".to_owned()).len(), 256);
        assert_eq!(admitted(&peers, |n| format!("2001:db8:0:1::{n:x}")).len(), 256, "a /64 is one peer");
        for exempt in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "::ffff:10.1.2.3", "2001:db8:ffff::1"] {
            assert_eq!(admitted(&peers, |_| exempt.to_owned()).len(), 1000, "{exempt}");
        }
        drop(first);
        assert_eq!(admitted(&peers, |_| "192.0.2.1".to_owned()).len(), 256, "those that ended are not counted");
        assert!(peers.counts.lock().unwrap().is_empty());
    }
}

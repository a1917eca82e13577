//! The limits for stored form states: per client and in total.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use time::OffsetDateTime;
use tower_sessions::session::Id;

use super::form_state::LIFETIME;
use crate::accounts::counted_network;

/// The maximum number of states per client that were created and not shown yet. A browser shows its state immediately,
/// and hundreds of customers can share one address.
const MOST_OF_ONE: u32 = 60;

/// The maximum number of states of all clients. With [`super::form_state::MAX_SIZE`], they take 40 MB of a store.
const MOST_IN_ALL: usize = 20_000;

/// Counts the stored states in windows of their lifetime. Each instance counts separately.
#[derive(Default)]
pub(super) struct FormQuota {
    window: Mutex<Option<Window>>,
    /// The states that are being shown by a request.
    shown: Mutex<HashSet<Id>>,
}

/// A request that shows a state, after which the state is removed.
pub(super) struct Showing<'a> {
    quota: &'a FormQuota,
    id: Id,
}

struct Window {
    begun: OffsetDateTime,
    all: usize,
    by_client: HashMap<IpAddr, u32>,
}

impl FormQuota {
    /// Counts a state of `client`, by its IPv4 address or IPv6 /64. Returns true if the state can be created.
    pub(super) fn admits(&self, client: IpAddr, now: OffsetDateTime) -> bool {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        // The window has ended, or the clock was set back.
        window.take_if(|window| now < window.begun || now >= window.begun + LIFETIME);
        let window = window.get_or_insert_with(|| Window { begun: now, all: 0, by_client: HashMap::new() });
        if window.all >= MOST_IN_ALL {
            return false;
        }
        let of_client = window.by_client.entry(counted_network(client)).or_default();
        if *of_client >= MOST_OF_ONE {
            return false;
        }
        *of_client += 1;
        window.all += 1;
        true
    }

    /// Starts to show a state, or returns `None` if another request is showing it. Otherwise, concurrent requests for
    /// one state would reduce the count several times.
    pub(super) fn show(&self, id: Id) -> Option<Showing<'_>> {
        let is_first = self.shown.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        is_first.then(|| Showing { quota: self, id })
    }
}

impl Showing<'_> {
    /// Counts a state that was shown to `client` and removed. The client may have created it through another network or
    /// instance, so only the numbers of created and shown states are compared.
    pub(super) fn removed(self, client: IpAddr) {
        let mut window = self.quota.window.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(window) = window.as_mut() else { return };
        let network = counted_network(client);
        let Some(of_client) = window.by_client.get_mut(&network) else { return };
        *of_client = of_client.saturating_sub(1);
        // A client without states takes no memory: there can be any number of them.
        if *of_client == 0 {
            window.by_client.remove(&network);
        }
        window.all = window.all.saturating_sub(1);
    }
}

impl Drop for Showing<'_> {
    fn drop(&mut self) {
        self.quota.shown.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use time::Duration;

    use super::*;

    #[test]
    fn n11_d3_clients_whose_states_were_shown_take_no_memory() {
        let (quota, now) = (FormQuota::default(), OffsetDateTime::UNIX_EPOCH);
        for last in 0..200 {
            let client = Ipv4Addr::new(192, 0, 2, last).into();
            assert!(quota.admits(client, now));
            quota.show(Id::default()).unwrap().removed(client);
        }
        let window = quota.window.lock().unwrap();
        assert_eq!(window.as_ref().map(|window| (window.all, window.by_client.len())), Some((0, 0)));
    }

    #[test]
    fn n11_d3_one_client_creates_a_limited_number_of_states_and_blocks_no_other() {
        let (quota, now) = (FormQuota::default(), OffsetDateTime::UNIX_EPOCH);
        let admitted = |client: IpAddr, at| (0..300).filter(|_| quota.admits(client, at)).count();
        assert_eq!(admitted(Ipv4Addr::new(192, 0, 2, 1).into(), now), 60);
        assert_eq!(admitted(Ipv4Addr::new(192, 0, 2, 2).into(), now), 60);
        // A /64 counts as one client.
        let within = |n| Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, n).into();
        assert_eq!((0..300).filter(|n| quota.admits(within(*n), now)).count(), 60);
        assert_eq!(admitted(Ipv4Addr::new(192, 0, 2, 1).into(), now + LIFETIME - Duration::MILLISECOND), 0);
        assert_eq!(admitted(Ipv4Addr::new(192, 0, 2, 1).into(), now + LIFETIME), 60);
        assert_eq!(admitted(Ipv4Addr::new(192, 0, 2, 1).into(), now), 60, "the clock was set back");
    }

    #[test]
    fn n11_d3_a_state_that_was_shown_makes_room_for_another() {
        let (quota, now) = (FormQuota::default(), OffsetDateTime::UNIX_EPOCH);
        let [one, other] = [1, 2].map(|n| IpAddr::from(Ipv4Addr::new(192, 0, 2, n)));
        for _ in 0..30_000 {
            assert!(quota.admits(one, now));
            quota.show(Id(1)).unwrap().removed(one);
        }
        // A client that created none gets no higher limit than others.
        quota.show(Id(1)).unwrap().removed(other);
        assert_eq!((0..300).filter(|_| quota.admits(other, now)).count(), 60);
    }

    #[test]
    fn n11_d3_a_state_that_many_requests_show_at_once_makes_room_for_one() {
        let quota = FormQuota::default();
        let showing = quota.show(Id(1));
        assert!(showing.is_some() && quota.show(Id(2)).is_some());
        assert!((0..100).all(|_| quota.show(Id(1)).is_none()));
        drop(showing);
        assert!(quota.show(Id(1)).is_some());
    }

    #[test]
    fn n11_d3_all_clients_together_create_a_limited_number_of_states() {
        let (quota, now) = (FormQuota::default(), OffsetDateTime::UNIX_EPOCH);
        let admitted = (0..30_000).filter(|n| quota.admits(Ipv4Addr::from_bits(*n).into(), now)).count();
        assert_eq!(admitted, MOST_IN_ALL);
        assert!(quota.admits(Ipv4Addr::LOCALHOST.into(), now + LIFETIME));
    }
}

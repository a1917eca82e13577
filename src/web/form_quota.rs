//! How many states of forms are kept at a time: for one client, and in all.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use time::OffsetDateTime;
use tower_sessions::session::Id;

use super::form_state::LIFETIME;
use crate::accounts::counted_network;

/// How many states one client may have: made, and not shown yet. A browser has one shown at once; hundreds of customers can
/// share one address.
const MOST_OF_ONE: u32 = 60;

/// How many all clients may have. With [`super::form_state::MAX_SIZE`], 40 MB of a store.
const MOST_IN_ALL: usize = 20_000;

/// Counts the states that are kept, in windows of the time for which one lives. Per instance: another one counts for itself.
#[derive(Default)]
pub(super) struct FormQuota {
    window: Mutex<Option<Window>>,
    /// The states that are being shown now.
    shown: Mutex<HashSet<Id>>,
}

/// A request that shows a state, which is then removed.
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
    /// Counts one more of `client`, an IPv4 address or within an IPv6 /64, and returns true if it may be made.
    pub(super) fn admits(&self, client: IpAddr, now: OffsetDateTime) -> bool {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        // Over, or the clock was set back.
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

    /// Begins to show a state; `None` while another request shows the same one. Without this, requests that show one state at
    /// the same time would make room for many.
    pub(super) fn show(&self, id: Id) -> Option<Showing<'_>> {
        let is_first = self.shown.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        is_first.then(|| Showing { quota: self, id })
    }
}

impl Showing<'_> {
    /// The state was shown to `client`, and is kept no more. A client may have made it by way of another network or
    /// instance, so what counts is how many each makes and is shown.
    pub(super) fn removed(self, client: IpAddr) {
        let mut window = self.quota.window.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(window) = window.as_mut() else { return };
        if let Some(of_client) = window.by_client.get_mut(&counted_network(client)).filter(|count| **count > 0) {
            *of_client -= 1;
            window.all -= 1;
        }
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
    fn n11_d3_one_client_makes_so_many_states_and_hinders_no_other() {
        let (quota, now) = (FormQuota::default(), OffsetDateTime::UNIX_EPOCH);
        let admitted = |client: IpAddr, at| (0..300).filter(|_| quota.admits(client, at)).count();
        assert_eq!(admitted(Ipv4Addr::new(192, 0, 2, 1).into(), now), 60);
        assert_eq!(admitted(Ipv4Addr::new(192, 0, 2, 2).into(), now), 60);
        // A /64 is one client.
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
        // Who made none gets no more than others.
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
    fn n11_d3_all_clients_together_make_so_many_states() {
        let (quota, now) = (FormQuota::default(), OffsetDateTime::UNIX_EPOCH);
        let admitted = (0..30_000).filter(|n| quota.admits(Ipv4Addr::from_bits(*n).into(), now)).count();
        assert_eq!(admitted, MOST_IN_ALL);
        assert!(quota.admits(Ipv4Addr::LOCALHOST.into(), now + LIFETIME));
    }
}

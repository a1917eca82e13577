//! How many states of forms are kept at a time: for one client, and in all.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use time::OffsetDateTime;

use super::form_state::LIFETIME;
use crate::accounts::counted_network;

/// How many states one client may have: made, and not shown yet. A browser has one shown at once; hundreds of customers can
/// share one address.
const MOST_OF_ONE: u32 = 60;

/// How many all clients may have. With [`super::form_state::MAX_SIZE`], 40 MB of a store.
const MOST_IN_ALL: usize = 20_000;

/// Counts the states that are kept, in windows of the time for which one lives. Per instance: another one counts for itself.
#[derive(Default)]
pub(super) struct FormQuota(Mutex<Option<Window>>);

struct Window {
    begun: OffsetDateTime,
    all: usize,
    by_client: HashMap<IpAddr, u32>,
}

impl FormQuota {
    /// Counts one more of `client`, an IPv4 address or within an IPv6 /64, and returns true if it may be made.
    pub(super) fn admits(&self, client: IpAddr, now: OffsetDateTime) -> bool {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// One was shown to `client`, and is kept no more.
    pub(super) fn release(&self, client: IpAddr) {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(window) = window.as_mut() else { return };
        // Made in the window before, or by way of another network.
        let Some(of_client) = window.by_client.get_mut(&counted_network(client)).filter(|count| **count > 0) else {
            return;
        };
        *of_client -= 1;
        window.all -= 1;
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
            quota.release(one);
        }
        // Whoever made none gets no more than others.
        quota.release(other);
        assert_eq!((0..300).filter(|_| quota.admits(other, now)).count(), 60);
    }

    #[test]
    fn n11_d3_all_clients_together_make_so_many_states() {
        let (quota, now) = (FormQuota::default(), OffsetDateTime::UNIX_EPOCH);
        let admitted = (0..30_000).filter(|n| quota.admits(Ipv4Addr::from_bits(*n).into(), now)).count();
        assert_eq!(admitted, MOST_IN_ALL);
        assert!(quota.admits(Ipv4Addr::LOCALHOST.into(), now + LIFETIME));
    }
}

//! The contract of timeline stores.

use std::net::IpAddr;

use doorstep::{
    accounts::{Activity, Client, Device, ports::MOST_ACTIVITIES},
    domain::{CustomerId, Event},
};
use time::Duration;
use tokio::task::JoinSet;

use super::harness::{World, random};

store_contract![
    activities_are_listed_as_they_were_recorded_the_latest_first,
    failed_attempts_of_one_hour_are_summed_however_many_at_once,
    an_expired_activity_is_not_listed,
    a_timeline_lists_only_the_latest_activities,
    n6_a_flood_of_logins_is_one_entry_an_hour_and_address,
    n6_events_of_every_kind_are_one_entry_an_hour_and_network,
    n6_rare_events_stay_in_the_list_however_many_others_follow,
];

fn customer() -> CustomerId {
    CustomerId::from_bytes(random())
}

fn client(browser: &str) -> Client {
    let address: IpAddr = [192, 0, 2, 7].into();
    Client {
        address, device: Device { browser: browser.to_owned(), system: "Zoë’s phone".to_owned() }, language: None
    }
}

fn client_at(address: &str) -> Client {
    Client { address: address.parse().unwrap(), ..client("Firefox") }
}

/// Advances the clock to the beginning of an hour.
fn begin_hour(world: &World) {
    world.clock.advance(Duration::seconds(3600 - world.now().unix_timestamp().rem_euclid(3600)));
}

fn activity(world: &World, customer: CustomerId, event: Event) -> Activity {
    let at = world.now();
    Activity { customer, event, at, count: 1, client: Some(client("Firefox")), expires_at: at + Duration::DAY }
}

async fn record(world: &World, activity: &Activity) {
    world.timeline.record(activity).await.unwrap();
}

async fn activities(world: &World, customer: CustomerId) -> Vec<Activity> {
    world.timeline.activities(customer, world.now(), MOST_ACTIVITIES).await.unwrap()
}

async fn activities_are_listed_as_they_were_recorded_the_latest_first(world: &World) {
    let (ada, bob) = (customer(), customer());
    let signed_up = activity(world, ada, Event::SignedUp);
    record(world, &signed_up).await;
    record(world, &activity(world, bob, Event::SignedUp)).await;
    world.clock.advance(Duration::MILLISECOND);
    let logged_out = Activity { client: None, ..activity(world, ada, Event::LoggedOut) };
    record(world, &logged_out).await;
    assert_eq!(activities(world, ada).await, [logged_out, signed_up]);
    assert_eq!(activities(world, customer()).await, []);
}

async fn failed_attempts_of_one_hour_are_summed_however_many_at_once(world: &World) {
    let ada = customer();
    begin_hour(world);
    let mut attempts = JoinSet::new();
    for _ in 0..50 {
        let (timeline, attempt) = (world.timeline.clone(), activity(world, ada, Event::AttemptFailed));
        attempts.spawn(async move { timeline.record(&attempt).await.unwrap() });
    }
    attempts.join_all().await;
    world.clock.advance(59 * Duration::MINUTE);
    // From any network.
    let elsewhere = Client { address: [203, 0, 113, 9].into(), ..client("curl") };
    let last = Activity { client: Some(elsewhere), ..activity(world, ada, Event::AttemptFailed) };
    record(world, &last).await;
    let first_hour = Activity { count: 51, ..last };
    assert_eq!(activities(world, ada).await, std::slice::from_ref(&first_hour));
    world.clock.advance(Duration::MINUTE);
    let next_hour = activity(world, ada, Event::AttemptFailed);
    record(world, &next_hour).await;
    assert_eq!(activities(world, ada).await, [next_hour, first_hour]);
}

async fn an_expired_activity_is_not_listed(world: &World) {
    let ada = customer();
    record(world, &activity(world, ada, Event::SignedUp)).await;
    world.clock.advance(Duration::DAY - Duration::MILLISECOND);
    assert_eq!(activities(world, ada).await.len(), 1);
    world.clock.advance(Duration::MILLISECOND);
    assert_eq!(activities(world, ada).await, []);
}

async fn a_timeline_lists_only_the_latest_activities(world: &World) {
    let ada = customer();
    for number in 0..=MOST_ACTIVITIES {
        world.clock.advance(Duration::MILLISECOND);
        let from = client_at(&format!("192.0.2.{number}"));
        record(world, &Activity { client: Some(from), ..activity(world, ada, Event::PasswordChanged) }).await;
    }
    let told = activities(world, ada).await;
    assert_eq!(told.len(), MOST_ACTIVITIES);
    assert_eq!(told[0].at, world.now());
    assert_eq!(world.timeline.activities(ada, world.now(), 3).await.unwrap(), told[..3]);
}

async fn n6_a_flood_of_logins_is_one_entry_an_hour_and_address(world: &World) {
    let ada = customer();
    begin_hour(world);
    record(world, &activity(world, ada, Event::PasswordChanged)).await;
    for number in 0..2 * MOST_ACTIVITIES {
        world.clock.advance(Duration::SECOND);
        let client = client(if number % 2 == 0 { "Firefox" } else { "curl" });
        record(world, &Activity { client: Some(client), ..activity(world, ada, Event::LoggedIn) }).await;
    }
    let elsewhere = Client { address: [198, 51, 100, 1].into(), ..client("Firefox") };
    record(world, &Activity { client: Some(elsewhere.clone()), ..activity(world, ada, Event::LoggedIn) }).await;
    let told = activities(world, ada).await;
    let told: Vec<_> = told.iter().map(|entry| (entry.event, entry.count, entry.client.as_ref())).collect();
    let (flood, from) = (u32::try_from(2 * MOST_ACTIVITIES).unwrap(), client("curl"));
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.contains(&(Event::LoggedIn, flood, Some(&from))), "{told:?}");
    assert!(told.contains(&(Event::LoggedIn, 1, Some(&elsewhere))), "{told:?}");
    assert_eq!(told[2].0, Event::PasswordChanged);
}

/// Kinds of events that a customer or a stranger can cause repeatedly, and that have a client.
const CAUSED: [Event; 14] = [
    Event::EmailVerified,
    Event::EmailChangeAsked,
    Event::EmailChanged,
    Event::AccountSecured,
    Event::LoggedIn,
    Event::LoggedInOnNewDevice,
    Event::Confirmed,
    Event::PasswordChanged,
    Event::ResetAsked,
    Event::PasswordReset,
    Event::LoggedOut,
    Event::DeviceSignedOut,
    Event::OtherDevicesSignedOut,
    Event::TokenReused,
];

async fn n6_events_of_every_kind_are_one_entry_an_hour_and_network(world: &World) {
    for event in CAUSED {
        let ada = customer();
        begin_hour(world);
        let record_at = async |address: &str| {
            world.clock.advance(Duration::SECOND);
            let event = Activity { client: Some(client_at(address)), ..activity(world, ada, event) };
            record(world, &event).await;
            event
        };
        record_at("2001:db8:1:2::1").await;
        record_at("192.0.2.7").await;
        let of_another_64 = record_at("2001:db8:1:3::1").await;
        let of_another_address = record_at("192.0.2.8").await;
        let of_v4 = Activity { count: 2, ..record_at("::ffff:192.0.2.7").await };
        let of_v6 = Activity { count: 2, ..record_at("2001:db8:1:2:ffff::2").await };
        let told = activities(world, ada).await;
        assert_eq!(told, [of_v6.clone(), of_v4.clone(), of_another_address.clone(), of_another_64.clone()]);
        world.clock.advance(Duration::HOUR);
        let next_hour = record_at("2001:db8:1:2::1").await;
        assert_eq!(activities(world, ada).await, [next_hour, of_v6, of_v4, of_another_address, of_another_64]);
    }
}

async fn n6_rare_events_stay_in_the_list_however_many_others_follow(world: &World) {
    const RARE: [Event; 11] = [
        Event::AccountMade,
        Event::SignedUp,
        Event::EmailVerified,
        Event::EmailChanged,
        Event::AccountSecured,
        Event::PasswordChanged,
        Event::PasswordReset,
        Event::AccountDisabled,
        Event::AccountEnabled,
        Event::RoleChanged,
        Event::SignedOutByShop,
    ];
    let ada = customer();
    for event in RARE {
        world.clock.advance(Duration::MILLISECOND);
        record(world, &activity(world, ada, event)).await;
    }
    for number in 0..2 * MOST_ACTIVITIES {
        world.clock.advance(Duration::MILLISECOND);
        let from = client_at(&format!("198.51.{}.{}", number / 100, number % 100));
        let event = if number % 2 == 0 { Event::LoggedInOnNewDevice } else { Event::ResetAsked };
        record(world, &Activity { client: Some(from), ..activity(world, ada, event) }).await;
    }
    let told = activities(world, ada).await;
    assert_eq!(told.len(), MOST_ACTIVITIES + RARE.len());
    assert!(told.is_sorted_by(|one, next| one.at > next.at));
    assert!(told[MOST_ACTIVITIES..].iter().map(|entry| entry.event).eq(RARE.into_iter().rev()));
    // A page that shows few entries gets the latest of all kinds.
    let few = world.timeline.activities(ada, world.now(), 3).await.unwrap();
    assert_eq!(few[..3], told[..3]);
}

//! What every store of timelines promises.

use std::net::IpAddr;

use doorstep::{
    accounts::{Activity, Client, Device, ports::MOST_ACTIVITIES},
    domain::{CustomerId, Event},
};
use time::Duration;
use tokio::task::JoinSet;

use super::harness::{World, random};

store_contract![
    what_happened_is_told_as_it_was_recorded_the_latest_first,
    failed_attempts_of_one_hour_are_summed_however_many_at_once,
    what_has_expired_is_not_told,
    a_customer_is_told_the_latest_only,
    n6_a_flood_of_logins_is_one_entry_an_hour_and_address,
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

async fn what_happened_is_told_as_it_was_recorded_the_latest_first(world: &World) {
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
    // To the beginning of an hour, by whatever clock.
    world.clock.advance(Duration::seconds(3600 - world.now().unix_timestamp().rem_euclid(3600)));
    let mut attempts = JoinSet::new();
    for _ in 0..50 {
        let (timeline, attempt) = (world.timeline.clone(), activity(world, ada, Event::AttemptFailed));
        attempts.spawn(async move { timeline.record(&attempt).await.unwrap() });
    }
    attempts.join_all().await;
    world.clock.advance(59 * Duration::MINUTE);
    // From wherever they come.
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

async fn what_has_expired_is_not_told(world: &World) {
    let ada = customer();
    record(world, &activity(world, ada, Event::SignedUp)).await;
    world.clock.advance(Duration::DAY - Duration::MILLISECOND);
    assert_eq!(activities(world, ada).await.len(), 1);
    world.clock.advance(Duration::MILLISECOND);
    assert_eq!(activities(world, ada).await, []);
}

async fn a_customer_is_told_the_latest_only(world: &World) {
    let ada = customer();
    for _ in 0..=MOST_ACTIVITIES {
        world.clock.advance(Duration::MILLISECOND);
        record(world, &activity(world, ada, Event::PasswordChanged)).await;
    }
    let told = activities(world, ada).await;
    assert_eq!(told.len(), MOST_ACTIVITIES);
    assert_eq!(told[0].at, world.now());
    assert_eq!(world.timeline.activities(ada, world.now(), 3).await.unwrap(), told[..3]);
}

async fn n6_a_flood_of_logins_is_one_entry_an_hour_and_address(world: &World) {
    let ada = customer();
    world.clock.advance(Duration::seconds(3600 - world.now().unix_timestamp().rem_euclid(3600)));
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

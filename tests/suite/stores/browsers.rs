//! The contract of stores of known browsers.

use doorstep::{
    accounts::{BrowserHash, ports::KnownBrowser},
    domain::{CredentialEpoch, CustomerId},
};
use time::Duration;
use tokio::task::JoinSet;

use super::harness::{World, random};

store_contract![
    l3_a_browser_is_known_only_for_the_customer_who_signed_in_with_it,
    l3_remembering_a_browser_again_restarts_its_period,
    t9_the_browsers_of_one_customer_are_forgotten_and_of_no_other,
    one_browser_of_a_customer_is_forgotten_and_no_other,
    n3_a1_a_browser_is_known_only_in_the_epoch_in_which_it_signed_in,
    a_browser_may_sign_in_many_times_at_once,
];

fn customer() -> CustomerId {
    CustomerId::from_bytes(random())
}

fn browser() -> BrowserHash {
    BrowserHash::from_bytes(random())
}

const EPOCH: CredentialEpoch = CredentialEpoch::new(3);

async fn remember_in(world: &World, epoch: CredentialEpoch, customer: CustomerId, browser: BrowserHash) {
    let known = KnownBrowser { customer, browser, epoch, expires_at: world.now() + Duration::DAY };
    world.browsers.remember(&known).await.unwrap();
}

async fn remember(world: &World, customer: CustomerId, browser: BrowserHash) {
    remember_in(world, EPOCH, customer, browser).await;
}

async fn knows_in(world: &World, epoch: CredentialEpoch, customer: CustomerId, browser: BrowserHash) -> bool {
    world.browsers.knows(customer, epoch, browser, world.now()).await.unwrap()
}

async fn knows(world: &World, customer: CustomerId, browser: BrowserHash) -> bool {
    knows_in(world, EPOCH, customer, browser).await
}

async fn l3_a_browser_is_known_only_for_the_customer_who_signed_in_with_it(world: &World) {
    let (ada, phone) = (customer(), browser());
    assert!(!knows(world, ada, phone).await);
    remember(world, ada, phone).await;
    assert!(knows(world, ada, phone).await);
    assert!(!knows(world, customer(), phone).await);
    assert!(!knows(world, ada, browser()).await);
}

async fn l3_remembering_a_browser_again_restarts_its_period(world: &World) {
    let (ada, phone) = (customer(), browser());
    remember(world, ada, phone).await;
    world.clock.advance(Duration::hours(12));
    remember(world, ada, phone).await;
    world.clock.advance(Duration::DAY - Duration::MILLISECOND);
    assert!(knows(world, ada, phone).await);
    world.clock.advance(Duration::MILLISECOND);
    assert!(!knows(world, ada, phone).await);
}

async fn t9_the_browsers_of_one_customer_are_forgotten_and_of_no_other(world: &World) {
    let (ada, eve, phone, laptop) = (customer(), customer(), browser(), browser());
    for (customer, browser) in [(ada, phone), (ada, laptop), (eve, phone)] {
        remember(world, customer, browser).await;
    }
    let tablet = browser();
    remember_in(world, EPOCH.next(), ada, tablet).await;
    world.browsers.forget(ada, EPOCH.next()).await.unwrap();
    assert!(!knows(world, ada, phone).await && !knows(world, ada, laptop).await);
    assert!(knows(world, eve, phone).await);
    assert!(knows_in(world, EPOCH.next(), ada, tablet).await, "it signed in after the event");
}

async fn one_browser_of_a_customer_is_forgotten_and_no_other(world: &World) {
    let (ada, eve, phone, laptop) = (customer(), customer(), browser(), browser());
    for (customer, browser) in [(ada, phone), (ada, laptop), (eve, phone)] {
        remember(world, customer, browser).await;
    }
    for _ in 0..2 {
        world.browsers.forget_one(ada, phone).await.unwrap();
        assert!(!knows(world, ada, phone).await);
        assert!(knows(world, ada, laptop).await && knows(world, eve, phone).await);
    }
}

async fn n3_a1_a_browser_is_known_only_in_the_epoch_in_which_it_signed_in(world: &World) {
    let (ada, phone) = (customer(), browser());
    remember(world, ada, phone).await;
    assert!(!knows_in(world, EPOCH.next(), ada, phone).await);
    remember_in(world, EPOCH.next(), ada, phone).await;
    // An earlier login that is recorded only now.
    remember(world, ada, phone).await;
    assert!(knows_in(world, EPOCH.next(), ada, phone).await);
    assert!(!knows(world, ada, phone).await);
}

async fn a_browser_may_sign_in_many_times_at_once(world: &World) {
    let (ada, phone) = (customer(), browser());
    let mut logins = JoinSet::new();
    for _ in 0..20 {
        let (browsers, expires_at) = (world.browsers.clone(), world.now() + Duration::DAY);
        let known = KnownBrowser { customer: ada, browser: phone, epoch: EPOCH, expires_at };
        logins.spawn(async move { browsers.remember(&known).await.unwrap() });
    }
    logins.join_all().await;
    assert!(knows(world, ada, phone).await);
}

//! What an attempt costs, by how its use case ended: on the embedded store, with parts that fail where the test wants them to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use doorstep::{
    accounts::{
        Error, Identity, Limits,
        ports::{
            AttemptId, AttemptLimits, HasherError, Limit, LimitKey, PasswordHash, PasswordHasher, Reservation,
            StoreError, Verdict,
        },
    },
    adapters::{embedded::Embedded, hasher::BcryptHasher, randomness::SystemRandomness},
    domain::{Confirm, Customer, LogIn, Password, PasswordAttempt},
};
use time::OffsetDateTime;

use crate::use_cases::{PASSWORD, ReadOnly, World, caller, gone};

/// A store of limits that may do what is asked and lose the answer.
struct Lossy {
    store: Arc<Embedded>,
    loses_answers: AtomicBool,
    /// Whether an attempt is counted and the answer never comes.
    hangs: AtomicBool,
    reserved: AtomicU64,
}

#[async_trait]
impl AttemptLimits for Lossy {
    async fn reserve(
        &self,
        key: &LimitKey,
        limit: Limit,
        id: AttemptId,
        now: OffsetDateTime,
    ) -> Result<Reservation, StoreError> {
        let reservation = self.store.reserve(key, limit, id, now).await;
        self.reserved.fetch_add(1, Ordering::SeqCst);
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.loses_answers.load(Ordering::SeqCst) { gone() } else { reservation }
    }

    async fn retry_after(
        &self,
        key: &LimitKey,
        limit: Limit,
        now: OffsetDateTime,
    ) -> Result<Option<Duration>, StoreError> {
        if self.loses_answers.load(Ordering::SeqCst) { gone() } else { self.store.retry_after(key, limit, now).await }
    }

    async fn give_back(
        &self,
        key: &LimitKey,
        limit: Limit,
        id: AttemptId,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        if self.loses_answers.load(Ordering::SeqCst) { gone() } else { self.store.give_back(key, limit, id, now).await }
    }
}

/// A hasher that may have too much to do, and counts what it does.
struct Hasher {
    bcrypt: BcryptHasher,
    is_busy: AtomicBool,
    hangs: AtomicBool,
    used: AtomicU64,
}

impl Hasher {
    fn new(cost: u32) -> Arc<Self> {
        let bcrypt = BcryptHasher::new(cost, Arc::new(SystemRandomness));
        let [is_busy, hangs] = [false; 2].map(AtomicBool::new);
        Arc::new(Self { bcrypt, is_busy, hangs, used: AtomicU64::new(0) })
    }

    async fn place(&self) -> Result<(), HasherError> {
        self.used.fetch_add(1, Ordering::SeqCst);
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.is_busy.load(Ordering::SeqCst) { Err(HasherError::Busy) } else { Ok(()) }
    }
}

#[async_trait]
impl PasswordHasher for Hasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherError> {
        self.place().await?;
        self.bcrypt.hash(password).await
    }

    async fn rehash(&self, attempt: PasswordAttempt) -> Result<PasswordHash, HasherError> {
        self.bcrypt.rehash(attempt).await
    }

    async fn verify(&self, attempt: PasswordAttempt, hash: Option<PasswordHash>) -> Result<Verdict, HasherError> {
        self.place().await?;
        self.bcrypt.verify(attempt, hash).await
    }
}

/// A shop in which a network may make four sign-ups an hour.
async fn limited() -> (World, Arc<Lossy>, Arc<Hasher>) {
    let mut world = World::new().await;
    let lossy = Arc::new(Lossy {
        store: world.store.clone(),
        loses_answers: AtomicBool::new(false),
        hangs: AtomicBool::new(false),
        reserved: AtomicU64::new(0),
    });
    let hasher = Hasher::new(4);
    let limits = Limits::new(lossy.clone(), world.clock.clone(), Arc::new(SystemRandomness), 4);
    world.accounts.limits = Some(Arc::new(limits));
    world.accounts.hasher = hasher.clone();
    (world, lossy, hasher)
}

async fn log_in(world: &World, password: &str) -> Result<(), Error> {
    let form = LogIn::parse("ada@x.test", password).unwrap();
    world.accounts.log_in(form, caller(), None).await.map(drop)
}

async fn confirm(world: &World, customer: &(Customer, Identity), password: &str) -> Result<(), Error> {
    world.accounts.confirm(customer.1, Confirm::parse(password).unwrap(), caller()).await.map(drop)
}

async fn ada(world: &World) -> (Customer, Identity) {
    let (customer, tokens) = world.sign_up("ada@x.test").await.unwrap();
    let identity = Identity { session: tokens.refresh.session(), role: customer.role };
    (customer, identity)
}

#[tokio::test]
async fn n17_a5_a_full_hasher_costs_no_attempt_of_any_kind() {
    let (world, _, hasher) = limited().await;
    let ada = ada(&world).await;
    hasher.is_busy.store(true, Ordering::SeqCst);
    for number in 0..150 {
        assert!(matches!(world.sign_up(&format!("{number}@x.test")).await, Err(Error::HasherBusy)), "{number}");
        assert!(matches!(log_in(&world, "wrong password").await, Err(Error::HasherBusy)), "{number}");
        assert!(matches!(confirm(&world, &ada, "wrong password").await, Err(Error::HasherBusy)), "{number}");
    }
    hasher.is_busy.store(false, Ordering::SeqCst);
    for number in 0..3 {
        world.sign_up(&format!("{number}@x.test")).await.unwrap();
    }
    assert!(matches!(world.sign_up("one.more@x.test").await, Err(Error::TooManyAttempts { .. })), "those count");
    log_in(&world, PASSWORD).await.unwrap();
    confirm(&world, &ada, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn n17_a5_what_a_store_could_not_do_costs_no_attempt() {
    let (mut world, ..) = limited().await;
    let (customer, tokens) = world.sign_up("ada@x.test").await.unwrap();
    let identity = Identity { session: tokens.refresh.session(), role: customer.role };
    world.accounts.sessions = Arc::new(ReadOnly(world.store.clone()));
    let refresh = tokens.refresh.expose();
    for number in 0..250 {
        let signed_up = world.sign_up(&format!("{number}@x.test")).await;
        assert!(matches!(signed_up, Err(Error::StoreUnavailable(_))), "{signed_up:?}");
        let refreshed = world.accounts.refresh(&refresh, &caller()).await;
        assert!(matches!(refreshed, Err(Error::StoreUnavailable(_))), "{refreshed:?}");
        if number < 30 {
            assert!(matches!(log_in(&world, PASSWORD).await, Err(Error::StoreUnavailable(_))));
        }
    }
    world.accounts.sessions = world.store.clone();
    world.sign_up("eve@x.test").await.unwrap();
    world.accounts.refresh(&refresh, &caller()).await.unwrap();
    log_in(&world, PASSWORD).await.unwrap();
    confirm(&world, &(customer, identity), PASSWORD).await.unwrap();
}

#[tokio::test]
async fn n17_a5_attempts_whose_counting_got_no_answer_are_given_back_once_the_store_is_there() {
    let (world, lossy, _) = limited().await;
    let ada = ada(&world).await;
    lossy.loses_answers.store(true, Ordering::SeqCst);
    for number in 0..100 {
        assert!(matches!(world.sign_up(&format!("{number}@x.test")).await, Err(Error::StoreUnavailable(_))));
        assert!(matches!(log_in(&world, PASSWORD).await, Err(Error::StoreUnavailable(_))));
        assert!(matches!(confirm(&world, &ada, PASSWORD).await, Err(Error::StoreUnavailable(_))));
    }
    lossy.loses_answers.store(false, Ordering::SeqCst);
    for number in 0..3 {
        world.sign_up(&format!("{number}@x.test")).await.unwrap();
    }
    assert!(matches!(world.sign_up("one.more@x.test").await, Err(Error::TooManyAttempts { .. })), "those count");
    log_in(&world, PASSWORD).await.unwrap();
    confirm(&world, &ada, PASSWORD).await.unwrap();
}

/// Signs somebody up who disconnects once `is_there` says so.
async fn sign_up_cut_off(world: &World, email: &str, mut is_there: impl FnMut() -> bool) -> Option<Error> {
    let there = async {
        while !is_there() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        signed_up = world.sign_up(email) => signed_up.err(),
        () = there => None,
    }
}

#[tokio::test]
async fn n17_a_caller_who_disconnects_pays_for_what_was_begun_and_for_nothing_else() {
    let (world, lossy, hasher) = limited().await;
    lossy.hangs.store(true, Ordering::SeqCst);
    for number in 0..20 {
        let reserved = lossy.reserved.load(Ordering::SeqCst);
        let is_there = || lossy.reserved.load(Ordering::SeqCst) > reserved;
        assert!(sign_up_cut_off(&world, &format!("{number}@x.test"), is_there).await.is_none(), "{number}");
    }
    lossy.hangs.store(false, Ordering::SeqCst);
    hasher.hangs.store(true, Ordering::SeqCst);
    for number in 0..4 {
        let used = hasher.used.load(Ordering::SeqCst);
        let is_there = || hasher.used.load(Ordering::SeqCst) > used;
        assert!(sign_up_cut_off(&world, &format!("{number}@x.test"), is_there).await.is_none(), "{number}");
    }
    hasher.hangs.store(false, Ordering::SeqCst);
    assert!(matches!(world.sign_up("ada@x.test").await, Err(Error::TooManyAttempts { .. })));
}

#[tokio::test]
async fn n17_sign_ups_are_delayed_before_they_are_refused_and_a_faulty_form_costs_none() {
    let (world, ..) = limited().await;
    let weak = doorstep::domain::SignUp::parse("Ada", "ada@x.test", "password123").unwrap();
    for _ in 0..20 {
        let refused = world.accounts.sign_up(weak.clone(), caller(), None).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
    let mut waits = Vec::new();
    for number in 0..6 {
        let email = format!("{number}@x.test");
        if let Err(error) = world.sign_up(&email).await {
            let Error::TooManyAttempts { retry_after } = error else { panic!("{error:?}") };
            waits.push(retry_after.as_secs());
            world.clock.advance(retry_after.try_into().unwrap());
            world.sign_up(&email).await.unwrap();
        }
    }
    assert_eq!(waits, [10, 60]);
    let Err(Error::TooManyAttempts { retry_after }) = world.sign_up("one.more@x.test").await else { panic!() };
    assert_eq!(retry_after.as_secs(), 3600 - 70);
    world.clock.advance(retry_after.try_into().unwrap());
    world.sign_up("one.more@x.test").await.unwrap();
}

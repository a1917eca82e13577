//! What an attempt costs, depending on the result of its use case: on the embedded store, with parts that can fail.

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
        Caller, Client, Error, Identity, Limits, SignedUp,
        ports::{
            AttemptId, AttemptLimits, HasherError, Limit, LimitKey, Outbox, PasswordHash, PasswordHasher, Reservation,
            StoreError, Verdict,
        },
    },
    adapters::{embedded::Embedded, hasher::BcryptHasher, randomness::SystemRandomness},
    domain::{Confirm, Customer, EmailAddress, LogIn, Password, PasswordAttempt},
};
use time::OffsetDateTime;

use crate::{
    mail::server::TIMEOUT,
    use_cases::{PASSWORD, ReadOnly, World, caller, client, gone},
};

/// A store of limits that can perform an operation and lose the answer.
struct Lossy {
    store: Arc<Embedded>,
    loses_answers: AtomicBool,
    /// True if it still answers queries while it loses all other answers.
    answers_questions: AtomicBool,
    /// True if an attempt is counted and the answer never arrives.
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
        let is_silent = self.loses_answers.load(Ordering::SeqCst) && !self.answers_questions.load(Ordering::SeqCst);
        if is_silent { gone() } else { self.store.retry_after(key, limit, now).await }
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

/// A hasher that can be overloaded, and counts its calls.
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

/// Returns a shop where a network may make four sign-ups an hour.
async fn limited() -> (World, Arc<Lossy>, Arc<Hasher>) {
    let mut world = World::new().await;
    let lossy = Arc::new(Lossy {
        store: world.store.clone(),
        loses_answers: AtomicBool::new(false),
        answers_questions: AtomicBool::new(false),
        hangs: AtomicBool::new(false),
        reserved: AtomicU64::new(0),
    });
    let hasher = Hasher::new(4);
    let limits = Limits::new(lossy.clone(), world.clock.clone(), Arc::new(SystemRandomness), 4);
    world.accounts.limits = Some(Arc::new(limits));
    world.accounts.core.hasher = hasher.clone();
    (world, lossy, hasher)
}

/// Returns the same shop with required verification, and mail that stays in the outbox.
async fn limited_and_strict() -> (World, Arc<Lossy>) {
    let (mut world, lossy, _) = limited().await;
    world.accounts.outbox = Some(world.store.clone());
    world.accounts.requires_verified_email = true;
    (world, lossy)
}

async fn log_in(world: &World, password: &str) -> Result<(), Error> {
    log_in_as(world, "ada@x.test", password, caller()).await
}

async fn log_in_as(world: &World, email: &str, password: &str, caller: Caller) -> Result<(), Error> {
    let form = LogIn::parse(email, password).unwrap();
    world.accounts.log_in(form, caller, None).await.map(drop)
}

/// Tries a wrong password for an account without earlier attempts.
async fn guess(world: &World, number: u32) -> Result<(), Error> {
    log_in_as(world, &format!("guessed{number}@x.test"), "wrong password", caller()).await
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
async fn n17_a5_a_request_that_fails_in_a_store_costs_no_attempt() {
    let (mut world, ..) = limited().await;
    let (customer, tokens) = world.sign_up("ada@x.test").await.unwrap();
    let identity = Identity { session: tokens.refresh.session(), role: customer.role };
    world.accounts.core.sessions = Arc::new(ReadOnly(world.store.clone()));
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
    world.accounts.core.sessions = world.store.clone();
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

/// Signs a customer up whose client disconnects once `is_there` returns true.
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
async fn n17_a_caller_who_disconnects_is_charged_only_for_work_that_has_begun() {
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

/// Creates an account with a pending verification.
async fn pending(world: &World, email: &str) {
    let form = doorstep::domain::SignUp::parse("Ada", email, PASSWORD).unwrap();
    let signed_up = world.accounts.sign_up(form, caller(), None).await.unwrap();
    assert!(matches!(signed_up, SignedUp::Pending(_)), "the address has to be verified first");
}

#[tokio::test]
async fn n4_a6_a_right_guess_before_the_address_is_verified_costs_the_same_as_a_wrong_one() {
    let (world, _) = limited_and_strict().await;
    pending(&world, "ada@x.test").await;
    let mut seen = Vec::new();
    for (email, password) in [("ada@x.test", PASSWORD), ("eve@x.test", PASSWORD), ("bob@x.test", "wrong password")] {
        // The clock does not advance: the second attempt is delayed, and the third is too early.
        for _ in 0..3 {
            let before = world.clock.waited();
            let refused = log_in_as(&world, email, password, caller()).await.unwrap_err();
            seen.push((format!("{refused:?}"), world.clock.waited() - before));
        }
    }
    let (right, others) = seen.split_at(3);
    assert!(right[2].0.starts_with("TooManyAttempts"), "{right:?}");
    assert_eq!([right, right].concat(), others);
}

#[tokio::test]
async fn n18_logins_before_the_address_is_verified_send_only_a_few_mails_an_hour() {
    let (world, _) = limited_and_strict().await;
    pending(&world, "ada@x.test").await;
    for network in 0..10 {
        let elsewhere = Client { address: [192, 0, 2, network].into(), ..client() };
        let right = log_in_as(&world, "ada@x.test", PASSWORD, Caller { client: elsewhere, ..caller() }).await;
        assert!(matches!(right, Err(Error::InvalidCredentials)), "{right:?}");
        world.clock.advance(time::Duration::seconds(10));
    }
    assert!(world.accounts.background.finish(TIMEOUT).await);
    assert_eq!(world.store.latest(100).await.unwrap().len(), 1 + 3, "that of the sign-up, and three more");
}

#[tokio::test]
async fn n5_a4_a_refusal_names_the_longest_wait_and_costs_the_store_nothing() {
    let (world, lossy) = limited_and_strict().await;
    let ask = async |email: &str| {
        let email = EmailAddress::parse(email).unwrap();
        match world.accounts.forgot_password(&email, &caller()).await {
            Err(Error::TooManyAttempts { retry_after }) => Some(retry_after.as_secs()),
            answer => {
                answer.unwrap();
                None
            }
        }
    };
    for number in 0..30 {
        // Three to one address, the maximum per hour.
        let email = format!("{}@x.test", number.max(2));
        assert_eq!(ask(&email).await, None, "{number}");
    }
    let reserved = lossy.reserved.load(Ordering::SeqCst);
    assert_eq!(ask("31@x.test").await, Some(30), "the network has asked for thirty");
    assert_eq!(ask("2@x.test").await, Some(3600), "after 30 seconds it would be refused again");
    assert_eq!(lossy.reserved.load(Ordering::SeqCst), reserved);
    world.clock.advance(time::Duration::seconds(30));
    assert_eq!(ask("31@x.test").await, None);
}

#[tokio::test]
async fn l2_an_attempt_waits_for_the_longest_of_its_delays() {
    let (world, ..) = limited().await;
    for number in 0..20 {
        assert!(matches!(guess(&world, number).await, Err(Error::InvalidCredentials)), "{number}");
    }
    world.clock.advance(time::Duration::seconds(9));
    // The network's next attempt is due in a second, the account's at once.
    assert!(matches!(guess(&world, 20).await, Err(Error::InvalidCredentials)));
    assert_eq!(world.clock.waited(), time::Duration::SECOND);
}

#[tokio::test]
async fn n17_a5_owed_attempts_are_given_back_before_an_attempt_is_refused() {
    let (world, lossy, _) = limited().await;
    lossy.answers_questions.store(true, Ordering::SeqCst);
    lossy.loses_answers.store(true, Ordering::SeqCst);
    for number in 0..20 {
        assert!(matches!(guess(&world, number).await, Err(Error::StoreUnavailable(_))), "{number}");
    }
    assert!(matches!(guess(&world, 20).await, Err(Error::TooManyAttempts { .. })), "all of them were counted");
    lossy.loses_answers.store(false, Ordering::SeqCst);
    assert!(matches!(guess(&world, 21).await, Err(Error::InvalidCredentials)), "and cost nothing");
}

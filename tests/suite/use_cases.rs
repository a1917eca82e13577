//! Use cases on the embedded store, with a controlled clock and stores that can fail.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use doorstep::{
    accounts::{
        Accounts, Authentication, BackOffice, Background, BrowserCookies, BrowserHash, Caller, Client, Core, Device,
        Error, Identity, KeyRing, LastSeen, Lifetimes, Limits, LinkTokens, PendingSignupCookies, RefreshTokens,
        Session, SessionId, SessionKey, SignedUp, SigningKey, Tokens, Whom,
        ports::{
            AccessTokens, Browsers, Clock, HasherError, KnownBrowser, PasswordHash, PasswordHasher, Rotation,
            RotationOutcome, Sessions, StoreError, StoreName, Verdict,
        },
    },
    adapters::{
        access_tokens::JwtAccessTokens, embedded::Embedded, hasher::BcryptHasher, randomness::SystemRandomness,
    },
    domain::{
        ChangePassword, Confirm, CredentialEpoch, Customer, CustomerId, LogIn, Password, PasswordAttempt, SignUp,
    },
};
use tempfile::TempDir;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::support::{FakeClock, folder};

pub const PASSWORD: &str = "seven tall herons";

pub struct World {
    pub accounts: Accounts,
    pub store: Arc<Embedded>,
    pub clock: Arc<FakeClock>,
    _folder: TempDir,
}

impl World {
    pub async fn new() -> Self {
        let folder = folder();
        let clock = Arc::new(FakeClock::new());
        let store = Arc::new(Embedded::open(folder.path(), clock.clone() as Arc<dyn Clock>).await.unwrap());
        let randomness = Arc::new(SystemRandomness);
        let access_tokens = JwtAccessTokens::new("https://shop.test", Duration::from_mins(15));
        let now = clock.now();
        let seed = Zeroizing::new([1; 32]);
        access_tokens.use_keys(&KeyRing::new(vec![SigningKey { number: 1, seed, created_at: now, signs_from: now }]));
        let accounts = Accounts {
            core: Core {
                clock: clock.clone(),
                randomness: randomness.clone(),
                customers: store.clone(),
                sessions: store.clone(),
                timeline: store.clone(),
                browsers: store.clone(),
                hasher: Arc::new(BcryptHasher::new(4, randomness.clone())),
                retention: Duration::from_hours(180 * 24),
                shop: "Tea & Co".to_owned(),
            },
            outbox: None,
            requires_verified_email: false,
            access_tokens: Arc::new(access_tokens),
            refresh_tokens: RefreshTokens::new(Zeroizing::new([2; 32])),
            browser_cookies: BrowserCookies::new(Zeroizing::new([3; 32])),
            pending_signup_cookies: PendingSignupCookies::new(Zeroizing::new([4; 32])),
            link_tokens: LinkTokens::new(Zeroizing::new([5; 32])),
            limits: None,
            notice_limits: Arc::new(Limits::new(store.clone(), clock.clone(), randomness.clone(), 60)),
            background: Background::default(),
            last_seen: LastSeen::default(),
            lifetimes: Lifetimes {
                access_token: Duration::from_mins(15),
                session_idle: Duration::from_hours(24),
                session_absolute: Duration::from_hours(72),
                refresh_grace: Duration::from_secs(10),
                activity: Duration::from_hours(180 * 24),
            },
        };
        Self { accounts, store, clock, _folder: folder }
    }

    pub async fn sign_up(&self, email: &str) -> Result<(Customer, Tokens), Error> {
        match self.accounts.sign_up(SignUp::parse("Ada", email, PASSWORD).unwrap(), caller(), None).await? {
            SignedUp::SignedIn(customer, tokens) => Ok((customer, *tokens)),
            SignedUp::Pending(_) => panic!("the address must be verified first"),
        }
    }
}

pub fn client() -> Client {
    Client { address: [127, 0, 0, 1].into(), device: Device::default(), language: None }
}

pub fn caller() -> Caller {
    Caller { client: client(), browser: None, pending_signup: None }
}

pub fn gone<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable { store: StoreName::Redis, source: "gone".into() })
}

/// Sessions that cannot be written.
pub struct ReadOnly(pub Arc<Embedded>);

#[async_trait]
impl Sessions for ReadOnly {
    async fn create(&self, _: &Session) -> Result<(), StoreError> {
        gone()
    }

    async fn find(&self, key: SessionKey, now: OffsetDateTime) -> Result<Option<Session>, StoreError> {
        Sessions::find(&*self.0, key, now).await
    }

    async fn is_live(&self, key: SessionKey, now: OffsetDateTime) -> Result<bool, StoreError> {
        self.0.is_live(key, now).await
    }

    async fn rotate(&self, _: &Rotation) -> Result<RotationOutcome, StoreError> {
        gone()
    }

    async fn list(&self, customer: CustomerId, now: OffsetDateTime) -> Result<Vec<Session>, StoreError> {
        self.0.list(customer, now).await
    }

    async fn touch(&self, _: SessionKey, _: OffsetDateTime) -> Result<(), StoreError> {
        gone()
    }

    async fn end(&self, _: SessionKey) -> Result<bool, StoreError> {
        gone()
    }

    async fn end_others(&self, _: CustomerId, _: SessionId, _: CredentialEpoch) -> Result<Vec<SessionId>, StoreError> {
        gone()
    }

    async fn carry_over(&self, _: SessionKey, _: CredentialEpoch, _: BrowserHash) -> Result<(), StoreError> {
        gone()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        gone()
    }
}

#[tokio::test]
async fn a_sign_up_whose_session_cannot_be_written_makes_no_account() {
    let mut world = World::new().await;
    world.accounts.core.sessions = Arc::new(ReadOnly(world.store.clone()));
    assert!(matches!(world.sign_up("ada@x.test").await, Err(Error::StoreUnavailable(_))));
    world.accounts.core.sessions = world.store.clone();
    assert!(world.sign_up("ada@x.test").await.is_ok(), "the address is still free");
}

#[tokio::test]
async fn a_refresh_that_cannot_be_stored_leaves_the_token_valid() {
    let mut world = World::new().await;
    let (_, tokens) = world.sign_up("ada@x.test").await.unwrap();
    let token = tokens.refresh.expose();
    world.accounts.core.sessions = Arc::new(ReadOnly(world.store.clone()));
    assert!(matches!(world.accounts.refresh(&token, &caller()).await, Err(Error::StoreUnavailable(_))));
    world.accounts.core.sessions = world.store.clone();
    world.clock.advance(time::Duration::hours(1));
    assert!(world.accounts.refresh(&token, &caller()).await.is_ok());
}

#[tokio::test]
async fn a_deleted_customer_is_signed_out_everywhere() {
    let mut world = World::new().await;
    let (_, tokens) = world.sign_up("ada@x.test").await.unwrap();
    let token = tokens.refresh.expose();
    // In another store, this customer does not exist.
    let elsewhere = World::new().await;
    world.accounts.core.customers = elsewhere.store.clone();
    assert!(matches!(world.accounts.refresh(&token, &caller()).await, Err(Error::Unauthenticated)));
    world.accounts.core.customers = world.store.clone();
    assert!(
        matches!(world.accounts.refresh(&token, &caller()).await, Err(Error::Unauthenticated)),
        "the session was ended"
    );
}

#[tokio::test]
async fn while_a_store_is_unavailable_a_session_is_neither_accepted_nor_ended() {
    let mut world = World::new().await;
    let (_, tokens) = world.sign_up("ada@x.test").await.unwrap();
    world.accounts.core.sessions = Arc::new(ReadOnly(world.store.clone()));
    let refresh = tokens.refresh.expose();
    let unknown = world.accounts.authenticate(None, Some(&refresh), caller).await;
    assert!(matches!(unknown, Err(Error::StoreUnavailable(_))), "neither signed in nor ended: {unknown:?}");
}

#[tokio::test]
async fn rotation_never_renews_the_time_of_the_last_authentication() {
    let world = World::new().await;
    let (_, tokens) = world.sign_up("ada@x.test").await.unwrap();
    let key = tokens.refresh.session();
    let before = Sessions::find(&*world.store, key, world.clock.now()).await.unwrap().unwrap();
    world.clock.advance(time::Duration::hours(5));
    world.accounts.refresh(&tokens.refresh.expose(), &caller()).await.unwrap();
    let after = Sessions::find(&*world.store, key, world.clock.now()).await.unwrap().unwrap();
    assert_eq!(after.authenticated_at, before.authenticated_at);
    assert_eq!(after.ends_at, before.ends_at);
    assert!(after.expires_at > before.expires_at && after.last_used_at > before.last_used_at);
}

#[tokio::test]
async fn an_access_token_is_worth_no_more_than_its_session() {
    let world = World::new().await;
    let (_, tokens) = world.sign_up("ada@x.test").await.unwrap();
    let signed_in = world.accounts.authenticate(Some(&tokens.access), None, caller).await.unwrap();
    assert!(matches!(signed_in, Authentication::SignedIn(_)));
    world.accounts.log_out(None, Some(&tokens.refresh.expose()), &client()).await.unwrap();
    let ended = world.accounts.authenticate(Some(&tokens.access), None, caller).await.unwrap();
    assert!(matches!(ended, Authentication::Ended));
}

#[tokio::test]
async fn a_failed_upgrade_of_a_hash_does_not_fail_the_login() {
    let mut world = World::new().await;
    world.sign_up("ada@x.test").await.unwrap();
    // Of a higher cost than the stored hash.
    world.accounts.core.hasher = Arc::new(Tired(BcryptHasher::new(5, Arc::new(SystemRandomness))));
    let form = LogIn::parse("ada@x.test", PASSWORD).unwrap();
    assert!(world.accounts.log_in(form, caller(), None).await.is_ok());
}

/// A hasher that cannot create hashes.
struct Tired(BcryptHasher);

#[async_trait]
impl PasswordHasher for Tired {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherError> {
        self.0.hash(password).await
    }

    async fn rehash(&self, _: PasswordAttempt) -> Result<PasswordHash, HasherError> {
        Err(HasherError::Busy)
    }

    async fn verify(&self, attempt: PasswordAttempt, hash: Option<PasswordHash>) -> Result<Verdict, HasherError> {
        self.0.verify(attempt, hash).await
    }
}

/// Browsers that cannot be removed.
struct Unforgetting(Arc<Embedded>);

#[async_trait]
impl Browsers for Unforgetting {
    async fn remember(&self, known: &KnownBrowser) -> Result<(), StoreError> {
        Browsers::remember(&*self.0, known).await
    }

    async fn forget(&self, _: CustomerId, _: CredentialEpoch) -> Result<(), StoreError> {
        gone()
    }

    async fn forget_one(&self, _: CustomerId, _: BrowserHash) -> Result<(), StoreError> {
        gone()
    }

    async fn knows(
        &self,
        customer: CustomerId,
        epoch: CredentialEpoch,
        browser: BrowserHash,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        Browsers::knows(&*self.0, customer, epoch, browser, now).await
    }
}

#[tokio::test]
async fn n3_a_new_password_makes_browsers_unknown_although_they_cannot_be_removed() {
    let mut world = World::new().await;
    let (customer, tokens) = world.sign_up("ada@x.test").await.unwrap();
    let known = tokens.browser.as_ref().unwrap().id;
    world.accounts.core.browsers = Arc::new(Unforgetting(world.store.clone()));
    let identity = Identity { session: tokens.refresh.session(), role: customer.role };
    let form = ChangePassword::parse(PASSWORD, "nine short otters").unwrap();
    let here = Caller { browser: Some(known), ..caller() };
    let changed = world.accounts.change_password(identity, form, here).await.unwrap();
    let new = changed.browser.unwrap().id;
    assert_ne!(new.hash(), known.hash(), "a copy of the old cookie is worth nothing");
    let epoch = customer.epoch.next();
    let is_known = async |browser: BrowserHash| {
        Browsers::knows(&*world.store, customer.id, epoch, browser, world.clock.now()).await.unwrap()
    };
    assert!(is_known(new.hash()).await && !is_known(known.hash()).await);
}

/// Sessions of which ending the others fails from the second time on.
struct EndsOnce(Arc<Embedded>, AtomicBool);

#[async_trait]
impl Sessions for EndsOnce {
    async fn create(&self, session: &Session) -> Result<(), StoreError> {
        Sessions::create(&*self.0, session).await
    }

    async fn find(&self, key: SessionKey, now: OffsetDateTime) -> Result<Option<Session>, StoreError> {
        Sessions::find(&*self.0, key, now).await
    }

    async fn is_live(&self, key: SessionKey, now: OffsetDateTime) -> Result<bool, StoreError> {
        self.0.is_live(key, now).await
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<RotationOutcome, StoreError> {
        self.0.rotate(rotation).await
    }

    async fn list(&self, customer: CustomerId, now: OffsetDateTime) -> Result<Vec<Session>, StoreError> {
        Sessions::list(&*self.0, customer, now).await
    }

    async fn touch(&self, key: SessionKey, now: OffsetDateTime) -> Result<(), StoreError> {
        self.0.touch(key, now).await
    }

    async fn end(&self, _: SessionKey) -> Result<bool, StoreError> {
        gone()
    }

    async fn end_others(
        &self,
        customer: CustomerId,
        kept: SessionId,
        before: CredentialEpoch,
    ) -> Result<Vec<SessionId>, StoreError> {
        if self.1.swap(true, Ordering::SeqCst) { gone() } else { self.0.end_others(customer, kept, before).await }
    }

    async fn carry_over(&self, _: SessionKey, _: CredentialEpoch, _: BrowserHash) -> Result<(), StoreError> {
        gone()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        gone()
    }
}

#[tokio::test]
async fn n19_a_failed_last_step_undoes_nothing_and_loses_no_tokens() {
    let mut world = World::new().await;
    let (customer, tokens) = world.sign_up("ada@x.test").await.unwrap();
    let identity = Identity { session: tokens.refresh.session(), role: customer.role };
    world.accounts.core.sessions = Arc::new(EndsOnce(world.store.clone(), AtomicBool::default()));
    let confirmed = world.accounts.confirm(identity, Confirm::parse(PASSWORD).unwrap(), caller()).await.unwrap();
    let identity = Identity { session: confirmed.refresh.session(), role: customer.role };
    let form = ChangePassword::parse(PASSWORD, "nine short otters").unwrap();
    let changed = world.accounts.change_password(identity, form, caller()).await.unwrap();
    let lived = world.accounts.authenticate(Some(&changed.access), None, caller).await.unwrap();
    assert!(matches!(lived, Authentication::SignedIn(_)), "{lived:?}");
    // A session that could not be ended becomes invalid at its next refresh.
    for old in [tokens, confirmed] {
        let refreshed = world.accounts.refresh(&old.refresh.expose(), &caller()).await;
        assert!(matches!(refreshed, Err(Error::Unauthenticated)), "{refreshed:?}");
    }
    let refreshed = world.accounts.refresh(&changed.refresh.expose(), &caller()).await;
    assert!(refreshed.is_ok(), "{refreshed:?}");
}

/// A hasher during whose verification an operator disables the customer.
struct Slow(BcryptHasher, Arc<Embedded>);

#[async_trait]
impl PasswordHasher for Slow {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherError> {
        self.0.hash(password).await
    }

    async fn rehash(&self, attempt: PasswordAttempt) -> Result<PasswordHash, HasherError> {
        self.0.rehash(attempt).await
    }

    async fn verify(&self, attempt: PasswordAttempt, hash: Option<PasswordHash>) -> Result<Verdict, HasherError> {
        back_office(&self.1).disable(&Whom::parse("ada@x.test").unwrap()).await.unwrap();
        self.0.verify(attempt, hash).await
    }
}

fn back_office(store: &Arc<Embedded>) -> BackOffice {
    let randomness = Arc::new(SystemRandomness);
    BackOffice(Core {
        clock: Arc::new(FakeClock::new()),
        randomness: randomness.clone(),
        customers: store.clone(),
        sessions: store.clone(),
        timeline: store.clone(),
        browsers: store.clone(),
        hasher: Arc::new(BcryptHasher::new(4, randomness)),
        retention: Duration::from_hours(24),
        shop: "Tea & Co".to_owned(),
    })
}

#[tokio::test]
async fn t9_a_customer_who_is_disabled_during_a_login_is_not_signed_in() {
    let mut world = World::new().await;
    let (customer, _) = world.sign_up("ada@x.test").await.unwrap();
    world.accounts.core.hasher = Arc::new(Slow(BcryptHasher::new(4, Arc::new(SystemRandomness)), world.store.clone()));
    let form = LogIn::parse("ada@x.test", PASSWORD).unwrap();
    let refused = world.accounts.log_in(form, caller(), None).await;
    assert!(matches!(refused, Err(Error::InvalidCredentials)), "{refused:?}");
    assert!(Sessions::list(&*world.store, customer.id, world.clock.now()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_customer_who_is_disabled_while_sessions_cannot_be_ended_loses_access_too() {
    let world = World::new().await;
    let (customer, tokens) = world.sign_up("ada@x.test").await.unwrap();
    let mut office = back_office(&world.store);
    office.0.sessions = Arc::new(ReadOnly(world.store.clone()));
    let whom = Whom::Id(customer.id);
    assert!(matches!(office.disable(&whom).await, Err(Error::StoreUnavailable(_))));
    let identity = Identity { session: tokens.refresh.session(), role: customer.role };
    assert!(matches!(world.accounts.profile(identity).await, Err(Error::Unauthenticated)));
    let refreshed = world.accounts.refresh(&tokens.refresh.expose(), &caller()).await;
    assert!(matches!(refreshed, Err(Error::Unauthenticated)), "{refreshed:?}");
    office.enable(&whom).await.unwrap();
    let refreshed = world.accounts.refresh(&tokens.refresh.expose(), &caller()).await;
    assert!(matches!(refreshed, Err(Error::Unauthenticated)), "the refresh ended the session");
}

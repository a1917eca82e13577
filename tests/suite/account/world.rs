//! Accounts on the stores of one test, people who use them, and the mail that they receive.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use doorstep::{
    accounts::{
        Accounts, Authentication, BackOffice, Background, BrowserCookies, BrowserHash, BrowserId, Caller, Client, Core,
        Device, Error, Identity, KeyRing, LastSeen, Lifetimes, Limits, LinkId, LinkPurpose, LinkTokens, Mail, MailKind,
        PendingSignupCookies, RefreshTokens, Session, SessionId, SessionKey, SignedUp, SigningKey, Tokens,
        ports::{
            AccessTokens, HasherError, Lease, PasswordHash, PasswordHasher, Rotation, RotationOutcome, Sessions,
            StoreError, StoreName, Verdict,
        },
    },
    adapters::{access_tokens::JwtAccessTokens, randomness::SystemRandomness},
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Language, LogIn, Password, PasswordAttempt, SignUp},
};
use time::OffsetDateTime;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::stores::harness::{World, random};

/// An action that happens while a password is being verified.
pub type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A hasher without cost, which runs another action during its next verification.
#[derive(Default)]
pub struct SlowHasher {
    meanwhile: Mutex<Option<Meanwhile>>,
}

impl SlowHasher {
    pub async fn during_next_verification(&self, meanwhile: Meanwhile) {
        *self.meanwhile.lock().await = Some(meanwhile);
    }
}

/// A session store that runs another action before or after the next use of a refresh token, or after ending the other
/// sessions of a customer.
pub struct SlowSessions {
    store: Arc<dyn Sessions>,
    before: Mutex<Option<Meanwhile>>,
    after: Mutex<Option<Meanwhile>>,
    after_ending: Mutex<Option<Meanwhile>>,
    /// Which of the next calls that end other sessions fail.
    failing_endings: Mutex<VecDeque<bool>>,
    is_losing_ends: AtomicBool,
    created: Mutex<Vec<SessionKey>>,
}

impl SlowSessions {
    /// Returns every session that this shop has created.
    pub async fn created(&self) -> Vec<SessionKey> {
        self.created.lock().await.clone()
    }

    pub async fn before_next_rotation(&self, meanwhile: Meanwhile) {
        *self.before.lock().await = Some(meanwhile);
    }

    /// If `is_losing`, the store loses the end of sessions from now on, as after a failover to an outdated replica.
    pub fn lose_ends(&self, is_losing: bool) {
        self.is_losing_ends.store(is_losing, Ordering::SeqCst);
    }

    pub async fn after_next_rotation(&self, meanwhile: Meanwhile) {
        *self.after.lock().await = Some(meanwhile);
    }

    pub async fn after_next_ending(&self, meanwhile: Meanwhile) {
        *self.after_ending.lock().await = Some(meanwhile);
    }

    /// Sets which of the next calls that end a customer's other sessions fail.
    pub async fn fail_endings(&self, failing: impl IntoIterator<Item = bool>) {
        *self.failing_endings.lock().await = failing.into_iter().collect();
    }
}

/// Runs the action if it has not run yet.
async fn happen(meanwhile: &Mutex<Option<Meanwhile>>) {
    let meanwhile = meanwhile.lock().await.take();
    if let Some(meanwhile) = meanwhile {
        meanwhile.await;
    }
}

#[async_trait]
impl Sessions for SlowSessions {
    async fn create(&self, session: &Session) -> Result<(), StoreError> {
        self.created.lock().await.push(session.key);
        self.store.create(session).await
    }

    async fn find(&self, key: SessionKey, now: OffsetDateTime) -> Result<Option<Session>, StoreError> {
        self.store.find(key, now).await
    }

    async fn is_live(&self, key: SessionKey, now: OffsetDateTime) -> Result<bool, StoreError> {
        self.store.is_live(key, now).await
    }

    async fn list(&self, customer: CustomerId, now: OffsetDateTime) -> Result<Vec<Session>, StoreError> {
        self.store.list(customer, now).await
    }

    async fn touch(&self, key: SessionKey, now: OffsetDateTime) -> Result<(), StoreError> {
        self.store.touch(key, now).await
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<RotationOutcome, StoreError> {
        happen(&self.before).await;
        let outcome = self.store.rotate(rotation).await;
        happen(&self.after).await;
        outcome
    }

    async fn end(&self, key: SessionKey) -> Result<bool, StoreError> {
        self.store.end(key).await
    }

    async fn end_others(
        &self,
        customer: CustomerId,
        kept: SessionId,
        before: CredentialEpoch,
    ) -> Result<Vec<SessionId>, StoreError> {
        if self.failing_endings.lock().await.pop_front() == Some(true) {
            return Err(StoreError::Unavailable { store: StoreName::Redis, source: "gone".into() });
        }
        if self.is_losing_ends.load(Ordering::SeqCst) {
            return Ok(Vec::new());
        }
        let ended = self.store.end_others(customer, kept, before).await;
        happen(&self.after_ending).await;
        ended
    }

    async fn carry_over(
        &self,
        key: SessionKey,
        epoch: CredentialEpoch,
        browser: BrowserHash,
    ) -> Result<(), StoreError> {
        self.store.carry_over(key, epoch, browser).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }
}

fn plain(password: &str) -> PasswordHash {
    PasswordHash::new(format!("plain {password}"))
}

#[async_trait]
impl PasswordHasher for SlowHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherError> {
        Ok(plain(password.expose()))
    }

    async fn rehash(&self, attempt: PasswordAttempt) -> Result<PasswordHash, HasherError> {
        Ok(plain(attempt.expose()))
    }

    async fn verify(&self, attempt: PasswordAttempt, hash: Option<PasswordHash>) -> Result<Verdict, HasherError> {
        happen(&self.meanwhile).await;
        let is_right = hash.is_some_and(|hash| hash == plain(attempt.expose()));
        Ok(if is_right { Verdict::Right } else { Verdict::Wrong })
    }
}

/// A shop that sends mail, on these stores.
pub struct Shop {
    pub accounts: Arc<Accounts>,
    pub hasher: Arc<SlowHasher>,
    pub sessions: Arc<SlowSessions>,
}

impl Shop {
    pub fn over(world: &World) -> Self {
        let hasher = Arc::new(SlowHasher::default());
        let sessions = Arc::new(SlowSessions {
            store: world.sessions.clone(),
            before: Mutex::default(),
            after: Mutex::default(),
            after_ending: Mutex::default(),
            failing_endings: Mutex::default(),
            is_losing_ends: AtomicBool::default(),
            created: Mutex::default(),
        });
        let accounts = accounts(world, &hasher, &sessions, false);
        Self { accounts: Arc::new(accounts), hasher, sessions }
    }

    /// Returns the same shop, which now requires verified addresses.
    pub fn with_verified_addresses(&self, world: &World) -> Arc<Accounts> {
        Arc::new(accounts(world, &self.hasher, &self.sessions, true))
    }

    pub fn back_office(&self) -> BackOffice {
        BackOffice(self.accounts.core.clone())
    }
}

fn accounts(
    world: &World,
    hasher: &Arc<SlowHasher>,
    sessions: &Arc<SlowSessions>,
    requires_verified_email: bool,
) -> Accounts {
    let randomness = Arc::new(SystemRandomness);
    let access_tokens = JwtAccessTokens::new("https://shop.test", Duration::from_mins(15));
    let now = world.now();
    let key = SigningKey { number: 1, seed: Zeroizing::new([1; 32]), created_at: now, signs_from: now };
    access_tokens.use_keys(&KeyRing::new(vec![key]));
    Accounts {
        core: Core {
            clock: world.clock.clone(),
            randomness: randomness.clone(),
            customers: world.customers.clone(),
            sessions: sessions.clone(),
            timeline: world.timeline.clone(),
            browsers: world.browsers.clone(),
            hasher: hasher.clone(),
            retention: Duration::from_hours(180 * 24),
            shop: "Tea & Co".to_owned(),
        },
        outbox: Some(world.outbox.clone()),
        requires_verified_email,
        access_tokens: Arc::new(access_tokens),
        refresh_tokens: RefreshTokens::new(Zeroizing::new([2; 32])),
        browser_cookies: BrowserCookies::new(Zeroizing::new([3; 32])),
        pending_signup_cookies: PendingSignupCookies::new(Zeroizing::new([4; 32])),
        link_tokens: link_tokens(),
        limits: None,
        notice_limits: Arc::new(Limits::new(world.limits.clone(), world.clock.clone(), randomness, 60)),
        background: Background::default(),
        last_seen: LastSeen::default(),
        lifetimes: Lifetimes {
            access_token: Duration::from_mins(15),
            session_idle: Duration::from_hours(7 * 24),
            session_absolute: Duration::from_hours(30 * 24),
            refresh_grace: Duration::from_secs(10),
            activity: Duration::from_hours(180 * 24),
        },
    }
}

fn link_tokens() -> LinkTokens {
    LinkTokens::new(Zeroizing::new([5; 32]))
}

/// A person with a browser.
#[derive(Clone)]
pub struct Person {
    pub caller: Caller,
    pub sessions: Vec<Held>,
}

/// The tokens of a session that a person has.
#[derive(Clone)]
pub struct Held {
    pub access: String,
    pub refresh: String,
}

impl From<&Tokens> for Held {
    fn from(tokens: &Tokens) -> Self {
        Self { access: tokens.access.to_string(), refresh: tokens.refresh.expose().to_string() }
    }
}

impl Person {
    /// Returns a person with a new browser in a separate network.
    pub fn at(last: u8) -> Self {
        let client =
            Client { address: [192, 0, last, 7].into(), device: Device::default(), language: Some(Language::English) };
        Self { caller: Caller { client, browser: None, pending_signup: None }, sessions: Vec::new() }
    }

    /// Keeps the tokens of a response.
    pub fn keep(&mut self, tokens: &Tokens) {
        self.sessions.push(tokens.into());
        if let Some(browser) = &tokens.browser {
            self.caller.browser = Some(browser.id);
        }
    }

    pub fn keep_browser(&mut self, id: BrowserId) {
        self.caller.browser = Some(id);
    }

    pub async fn sign_up(&mut self, shop: &Shop, email: &str, password: &str) -> Customer {
        let form = SignUp::parse("Ada", email, password).unwrap();
        match shop.accounts.sign_up(form, self.caller.clone(), None).await.unwrap() {
            SignedUp::SignedIn(customer, tokens) => {
                self.keep(&tokens);
                customer
            }
            SignedUp::Pending(_) => panic!("the address must be verified first"),
        }
    }

    pub async fn log_in(&mut self, shop: &Shop, email: &EmailAddress, password: &str) -> Result<(), Error> {
        let form = LogIn::parse(email.as_str(), password).unwrap();
        let (_, tokens) = shop.accounts.log_in(form, self.caller.clone(), None).await?;
        self.keep(&tokens);
        Ok(())
    }

    /// Returns who the newest valid session identifies, or `None` if there is none.
    pub async fn identity(&mut self, shop: &Shop) -> Option<Identity> {
        for held in self.sessions.iter_mut().rev() {
            let caller = self.caller.clone();
            match shop.accounts.authenticate(Some(&held.access), Some(&held.refresh), || caller).await.unwrap() {
                Authentication::SignedIn(identity) => return Some(identity),
                Authentication::Renewed(identity, tokens) => {
                    *held = Held::from(&*tokens);
                    return Some(identity);
                }
                Authentication::Ended | Authentication::Anonymous => {}
            }
        }
        None
    }
}

/// Takes all pending mail.
pub async fn take_mail(world: &World) -> Vec<Mail> {
    let lease = Lease { id: random(), until: world.now() + time::Duration::MINUTE };
    let taken = world.outbox.take(world.now(), lease, 1000).await.unwrap();
    let mails: Vec<_> = taken.into_iter().map(|taken| taken.mail).collect();
    if !mails.is_empty() {
        world.outbox.remove(&mails).await.unwrap();
    }
    mails
}

/// Returns the links of a mail.
pub fn links(mail: &Mail) -> Vec<(LinkPurpose, String)> {
    let write = |purpose, id| (purpose, link_tokens().write(purpose, mail.customer, &mail.to, id).to_string());
    let secure = || write(LinkPurpose::SecureAccount, LinkId::of_notice(mail.id, mail.written_at));
    match &mail.letter {
        MailKind::NewDevice(_)
        | MailKind::PasswordChanged(_)
        | MailKind::EmailChanged(_)
        | MailKind::EmailChangeProposed(_) => vec![secure()],
        MailKind::ResetPassword(id, _) => vec![write(LinkPurpose::ResetPassword, *id), secure()],
        MailKind::AccountSecured(id, _) | MailKind::AlreadyCustomer(id, _) => {
            vec![write(LinkPurpose::ResetPassword, *id)]
        }
        MailKind::VerifyEmail(id, _) => vec![write(LinkPurpose::VerifyEmail, *id)],
        MailKind::ChangeEmail(id, _) => vec![write(LinkPurpose::ChangeEmail, *id)],
        MailKind::AddressTaken(_) | MailKind::EmailChangeUndone(_) => Vec::new(),
    }
}

/// Returns the newest link for this purpose.
pub fn newest(mails: &[Mail], purpose: LinkPurpose) -> Option<String> {
    let found = mails.iter().rev().flat_map(links).find(|(of, _)| *of == purpose);
    found.map(|(_, token)| token)
}

/// Returns an address that no other test uses.
pub fn address(name: &str) -> EmailAddress {
    EmailAddress::parse(&format!("{name}-{:032x}@x.test", u128::from_be_bytes(random()))).unwrap()
}

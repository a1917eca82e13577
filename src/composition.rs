//! The composition root: the one place that knows every part and puts them together, for `main` as for tests.
//!
//! Tests hand in a clock they can turn, a hasher that costs little, and stores of their own; the program hands in the
//! real ones. Nothing else differs.

use std::{error::Error, fmt, io, path::Path, sync::Arc, time::Duration};

use axum::Router;
use ipnet::IpNet;
use url::Url;

use crate::{
    accounts::{
        self, AbandonedAccounts, Accounts, Archivist, BackOffice, Background, BrowserCookies, KeptMail, KeySeal, Keys,
        Lifetimes, Limits, LinkTokens, NewcomerCookies, Postman, RefreshTokens, Sightings,
        ports::{
            AccessTokens, Archive, AttemptLimits, Browsers, Clock, Customers, Letters, Mailer, Outbox, PasswordHasher,
            Randomness, Sessions, SigningKeys, StoreError, StoreName, Timeline,
        },
    },
    adapters::{
        access_tokens::JwtAccessTokens, embedded::Embedded, measured::Measured, mongo::MongoStore, redis::RedisStore,
    },
    config::{BrandConfig, HostName, PublicUrl, RedisServers, SecretKey, SecretKeys, ServiceUrl, StoresConfig},
    endpoints::ENDPOINTS,
    pages::{NotFound, PAGES},
    web::{self, AppState, Assets, Branding, FormStateStore},
    workers::{Worker, Workers},
};

/// How often expired data is removed.
const SWEEP: Duration = Duration::from_mins(1);

/// How often abandoned accounts are removed, for which all customers have to be looked through.
const REMOVE_ABANDONED: Duration = Duration::from_hours(1);

/// How often an instance looks for signing keys that another one added or took away.
const LOOK_FOR_KEYS: Duration = Duration::from_secs(2);

/// How often it is looked for mail to send, where there was none.
const LOOK_FOR_MAIL: Duration = Duration::from_secs(1);

/// How many look for mail: while a mail server keeps one waiting, another goes on.
const ROUNDS: usize = 2;

/// How long the program waits at its end for work that goes on after an answer, for a round of a background task, and for
/// the stores to close.
const LONGEST_BACKGROUND_WORK: Duration = Duration::from_secs(5);
const LONGEST_ROUND: Duration = Duration::from_secs(5);
const LONGEST_CLOSING: Duration = Duration::from_secs(2);

/// Where all data lives.
#[derive(Clone)]
pub struct Stores {
    pub customers: Arc<dyn Customers>,
    pub sessions: Arc<dyn Sessions>,
    pub timeline: Arc<dyn Timeline>,
    pub browsers: Arc<dyn Browsers>,
    pub outbox: Arc<dyn Outbox>,
    pub signing_keys: Arc<dyn SigningKeys>,
    pub limits: Arc<dyn AttemptLimits>,
    pub archive: Arc<dyn Archive>,
    pub form_states: FormStateStore,
    /// What all of these are made of.
    backend: Backend,
}

#[derive(Clone)]
enum Backend {
    Embedded(Embedded),
    Servers(MongoStore, RedisStore),
}

impl Stores {
    /// Opens the stores that are configured.
    ///
    /// # Errors
    /// When one does not answer, or answers that it cannot be used.
    pub async fn open(config: &StoresConfig, clock: &Arc<dyn Clock>) -> Result<Self, StoreError> {
        match config {
            StoresConfig::Embedded { data_dir } => Ok(Self::embedded(Embedded::open(data_dir, clock.clone()).await?)),
            StoresConfig::Servers { mongodb, redis } => {
                let customers = MongoStore::connect(mongodb.expose()).await?;
                let redis = connect_redis(redis.servers(), clock.clone()).await?;
                Ok(Self::servers(customers, redis))
            }
        }
    }

    /// What [`Self::open`] would bring up to date, in words.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn pending_migrations(config: &StoresConfig) -> Result<Vec<String>, StoreError> {
        match config {
            StoresConfig::Embedded { data_dir } => Embedded::pending_migrations(data_dir).await,
            StoresConfig::Servers { mongodb, .. } => MongoStore::pending_migrations(mongodb.expose()).await,
        }
    }

    /// All in the embedded store.
    #[must_use]
    pub fn embedded(store: Embedded) -> Self {
        let form_states = FormStateStore(Arc::new(store.clone()));
        let backend = Backend::Embedded(store.clone());
        let store = Arc::new(Measured::new(StoreName::Embedded, Arc::new(store)));
        Self {
            customers: store.clone(),
            sessions: store.clone(),
            timeline: store.clone(),
            browsers: store.clone(),
            outbox: store.clone(),
            signing_keys: store.clone(),
            archive: store.clone(),
            limits: store,
            form_states,
            backend,
        }
    }

    /// Customers in MongoDB, all that is short-lived in Redis.
    #[must_use]
    pub fn servers(customers: MongoStore, redis: RedisStore) -> Self {
        let form_states = FormStateStore(Arc::new(redis.clone()));
        let backend = Backend::Servers(customers.clone(), redis.clone());
        let customers = Arc::new(Measured::new(StoreName::MongoDb, Arc::new(customers)));
        let redis = Arc::new(Measured::new(StoreName::Redis, Arc::new(redis)));
        Self {
            timeline: customers.clone(),
            browsers: customers.clone(),
            outbox: customers.clone(),
            signing_keys: customers.clone(),
            archive: customers.clone(),
            customers,
            sessions: redis.clone(),
            limits: redis,
            form_states,
            backend,
        }
    }

    /// Returns the background tasks that keep the stores right, a group for each of them.
    fn workers(&self) -> Vec<Workers> {
        match &self.backend {
            Backend::Embedded(store) => vec![store.workers().clone()],
            Backend::Servers(mongodb, redis) => vec![mongodb.workers().clone(), redis.workers().clone()],
        }
    }

    /// Stops what the stores do in the background and closes them, in bounded time. Nothing may use them afterwards. Of an
    /// embedded store, the last program that closes it leaves one file, which is complete by itself.
    pub async fn close(&self) {
        for group in self.workers() {
            stop(&group).await;
        }
        let close = async {
            match &self.backend {
                Backend::Embedded(store) => store.close().await,
                // Redis needs no farewell.
                Backend::Servers(mongodb, _) => mongodb.close().await,
            }
        };
        if tokio::time::timeout(LONGEST_CLOSING, close).await.is_err() {
            tracing::warn!("shutdown: stores not closed in time");
        }
    }
}

/// Which store is in use, for an operator who may have meant another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSummary {
    pub store: StoreName,
    /// The name of the database, or the path of the file.
    pub database: String,
    /// How many customers there are, as an estimate.
    pub customers: u64,
}

impl StoreSummary {
    /// Asks the store that is configured. Nothing is written.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn of(config: &StoresConfig) -> Result<Self, StoreError> {
        let (store, (database, customers)) = match config {
            StoresConfig::Embedded { data_dir } => (StoreName::Embedded, Embedded::count_customers(data_dir).await?),
            StoresConfig::Servers { mongodb, .. } => {
                (StoreName::MongoDb, MongoStore::count_customers(mongodb.expose()).await?)
            }
        };
        Ok(Self { store, database, customers })
    }
}

impl fmt::Display for StoreSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "store in use: {}, database {}, customers: {}", self.store, self.database, self.customers)
    }
}

/// Connects to Redis, however it is set up.
async fn connect_redis(servers: &RedisServers, clock: Arc<dyn Clock>) -> Result<RedisStore, StoreError> {
    match servers {
        RedisServers::One(url) => RedisStore::connect(url.expose(), clock).await,
        RedisServers::Cluster(nodes) => RedisStore::connect_cluster(&exposed(nodes), clock).await,
        RedisServers::Sentinel { sentinels, service } => {
            RedisStore::connect_sentinel(&exposed(sentinels), service, clock).await
        }
    }
}

fn exposed(urls: &[ServiceUrl]) -> Vec<&str> {
    urls.iter().map(ServiceUrl::expose).collect()
}

/// What becomes of the shop's mail.
#[derive(Clone, Default)]
pub enum Mailing {
    /// There is none: whatever needs mail is off.
    #[default]
    None,
    /// It stays where it is, to be looked at in these words.
    Kept(Arc<dyn Letters>),
    Sent(Arc<dyn Mailer>),
}

/// What the program is made of.
pub struct Parts {
    pub stores: Stores,
    pub clock: Arc<dyn Clock>,
    pub randomness: Arc<dyn Randomness>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub mailing: Mailing,
    /// Whether an account is nobody's until its address is verified. Only where the shop sends mail.
    pub requires_verified_email: bool,
    pub secret_keys: SecretKeys,
    /// What the shop is called, and how it looks.
    pub brand: BrandConfig,
    pub public_url: PublicUrl,
    /// Other names by which requests may reach the server.
    pub allowed_hosts: Vec<HostName>,
    /// Whom to tell of a hole, if the shop says so.
    pub security_contact: Option<Url>,
    pub lifetimes: Lifetimes,
    pub rate_limits: bool,
    /// How many sign-ups a network may make in an hour before it has to wait between them.
    pub sign_ups_per_hour: u32,
    pub trusted_proxies: Vec<IpNet>,
    pub assets: Assets,
    /// Whether a watcher reloads the pages.
    pub development: bool,
    /// Where background tasks are started.
    pub workers: Workers,
    /// Where work goes on after an answer.
    pub background: Background,
}

/// Why the parts do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("no key to sign access tokens")]
    SigningKeys(#[from] accounts::Error),
    /// A defect.
    #[error("the public URL is not an origin")]
    PublicUrl(#[from] tower_http::csrf::ConfigError),
}

/// Puts the parts together.
///
/// # Errors
/// [`BuildError`]
pub async fn build(parts: Parts) -> Result<Router, BuildError> {
    let keys = keys(&parts.stores, &parts.secret_keys, &parts.clock, &parts.randomness, parts.lifetimes);
    let access_tokens = Arc::new(JwtAccessTokens::new(parts.public_url.origin(), parts.lifetimes.access_token));
    access_tokens.use_keys(&keys.ring().await?);
    let workers = &parts.workers;
    follow_keys(workers, keys, access_tokens.clone());
    sweep(workers, &parts.stores, &parts.clock);
    let of_stores = parts.stores.workers();
    let outbox = parts.stores.outbox;
    let (outbox, kept_mail) = match parts.mailing {
        Mailing::None => (None, None),
        Mailing::Kept(letters) => {
            let kept_mail = KeptMail::new(outbox.clone(), letters);
            trim_kept_mail(workers, kept_mail.clone());
            (Some(outbox), Some(kept_mail))
        }
        Mailing::Sent(mailer) => {
            let (clock, randomness) = (parts.clock.clone(), parts.randomness.clone());
            let (stop, tracker) = (workers.stopping(), workers.tracker());
            let postman = Postman::until(stop, tracker, clock, randomness, outbox.clone(), mailer);
            deliver(workers, postman);
            (Some(outbox), None)
        }
    };
    let limits = {
        let (clock, randomness) = (parts.clock.clone(), parts.randomness.clone());
        Arc::new(Limits::new(parts.stores.limits, clock, randomness, parts.sign_ups_per_hour))
    };
    let requires_verified_email = parts.requires_verified_email && outbox.is_some();
    if requires_verified_email {
        remove_abandoned(workers, parts.stores.customers.clone(), parts.clock.clone());
    }
    let accounts = Accounts {
        clock: parts.clock,
        randomness: parts.randomness,
        customers: parts.stores.customers,
        sessions: parts.stores.sessions,
        timeline: parts.stores.timeline,
        browsers: parts.stores.browsers,
        hasher: parts.hasher,
        access_tokens,
        refresh_tokens: RefreshTokens::new(parts.secret_keys.derive("refresh token v1")),
        browser_cookies: BrowserCookies::new(parts.secret_keys.derive("browser cookie v1")),
        newcomer_cookies: NewcomerCookies::new(parts.secret_keys.derive("newcomer cookie v2")),
        link_tokens: link_tokens(&parts.secret_keys),
        requires_verified_email,
        outbox,
        notice_limits: limits.clone(),
        limits: parts.rate_limits.then_some(limits),
        sightings: Sightings::default(),
        background: parts.background,
        lifetimes: parts.lifetimes,
        shop: parts.brand.shop.clone(),
    };
    let branding = Branding::new(parts.brand, parts.public_url.origin());
    let state = AppState::new(
        accounts,
        std::iter::once(parts.workers).chain(of_stores).collect(),
        kept_mail,
        parts.public_url,
        parts.allowed_hosts,
        parts.security_contact,
        parts.trusted_proxies,
        branding,
        parts.assets,
    );
    Ok(web::router::<NotFound>(state, parts.stores.form_states, PAGES, ENDPOINTS, parts.development)?)
}

/// What makes and reads the tokens of links in mails.
#[must_use]
pub fn link_tokens(secret_keys: &SecretKeys) -> LinkTokens {
    LinkTokens::new(secret_keys.derive("mail link v1"))
}

/// The signing keys in these stores.
#[must_use]
pub fn keys(
    stores: &Stores,
    secret_keys: &SecretKeys,
    clock: &Arc<dyn Clock>,
    randomness: &Arc<dyn Randomness>,
    lifetimes: Lifetimes,
) -> Keys {
    Keys {
        store: stores.signing_keys.clone(),
        seal: KeySeal::new(secret_keys.derive("signing key seal v1")),
        clock: clock.clone(),
        randomness: randomness.clone(),
        lifetime: lifetimes.access_token,
    }
}

/// What looks after the customers in these stores, for the shop of this name.
#[must_use]
pub fn back_office(
    stores: &Stores,
    clock: &Arc<dyn Clock>,
    randomness: &Arc<dyn Randomness>,
    hasher: Arc<dyn PasswordHasher>,
    lifetimes: Lifetimes,
    shop: String,
) -> BackOffice {
    BackOffice {
        customers: stores.customers.clone(),
        sessions: stores.sessions.clone(),
        timeline: stores.timeline.clone(),
        hasher,
        clock: clock.clone(),
        randomness: randomness.clone(),
        retention: lifetimes.activity,
        shop,
    }
}

/// What carries all that is in these stores out of them, and into them.
#[must_use]
pub fn archivist(stores: &Stores) -> Archivist {
    Archivist { store: stores.archive.clone(), signing_keys: stores.signing_keys.clone() }
}

/// Keeps the keys of `access_tokens` the same as those in the store.
fn follow_keys(workers: &Workers, keys: Keys, access_tokens: Arc<JwtAccessTokens>) {
    let keys = Arc::new(keys);
    workers.repeat(Worker::SigningKeys, move || {
        let (keys, access_tokens) = (keys.clone(), access_tokens.clone());
        async move {
            match keys.ring().await {
                Ok(ring) => access_tokens.use_keys(&ring),
                Err(error) => tracing::warn!(error = &error as &dyn Error, "signing keys not refreshed"),
            }
            LOOK_FOR_KEYS
        }
    });
}

/// Delivers the mail in the outbox.
fn deliver(workers: &Workers, postman: Postman) {
    let postman = Arc::new(postman);
    for _ in 0..ROUNDS {
        let postman = postman.clone();
        workers.repeat(Worker::MailDelivery, move || {
            let postman = postman.clone();
            async move {
                match postman.deliver_due().await {
                    Ok(true) => return Duration::ZERO,
                    Ok(false) => {}
                    Err(error) => tracing::warn!(error = &error as &dyn Error, "mail delivery failed"),
                }
                LOOK_FOR_MAIL
            }
        });
    }
}

/// Keeps no more mail than a developer would look at.
fn trim_kept_mail(workers: &Workers, kept_mail: KeptMail) {
    workers.repeat(Worker::MailTrimming, move || {
        let kept_mail = kept_mail.clone();
        async move {
            if let Err(error) = kept_mail.remove_the_oldest().await {
                tracing::warn!(error = &error as &dyn Error, "sweep failed: old mail stays until the next sweep");
            }
            SWEEP
        }
    });
}

/// Removes expired data from the embedded store. Redis does that by itself.
fn sweep(workers: &Workers, stores: &Stores, clock: &Arc<dyn Clock>) {
    let Backend::Embedded(store) = &stores.backend else { return };
    let (store, clock) = (store.clone(), clock.clone());
    workers.repeat(Worker::Sweep, move || {
        let (store, clock) = (store.clone(), clock.clone());
        async move {
            if let Err(error) = store.sweep(clock.now()).await {
                tracing::warn!(error = &error as &dyn Error, "sweep failed: expired data stays until the next sweep");
            }
            SWEEP
        }
    });
}

/// Removes accounts that were never verified, from any store.
fn remove_abandoned(workers: &Workers, customers: Arc<dyn Customers>, clock: Arc<dyn Clock>) {
    let abandoned = Arc::new(AbandonedAccounts { customers, clock });
    workers.repeat(Worker::Sweep, move || {
        let abandoned = abandoned.clone();
        async move {
            if let Err(error) = abandoned.remove().await {
                tracing::warn!(
                    error = &error as &dyn Error,
                    "sweep failed: abandoned accounts stay until the next sweep"
                );
            }
            REMOVE_ABANDONED
        }
    });
}

/// Ends what [`build`] started, once no request is answered any more: work that goes on after its answer is finished, then
/// the background tasks are stopped, then the stores are closed. All of it takes bounded time.
pub async fn shut_down(background: &Background, workers: &Workers, stores: &Stores) {
    if !background.finish(LONGEST_BACKGROUND_WORK).await {
        tracing::warn!("shutdown: some background work did not finish in time");
    }
    stop(workers).await;
    stores.close().await;
}

/// Stops a group of background tasks.
async fn stop(group: &Workers) {
    if !group.stop(LONGEST_ROUND).await {
        tracing::warn!("shutdown: some background tasks did not stop in time");
    }
}

/// Where an embedded store keeps its secret, inside its folder.
pub const KEPT_SECRET_KEY: &str = "secret.key";

/// The secret of an embedded store that was given none: drawn once and kept in its folder, readable by nobody else.
///
/// # Errors
/// When the folder cannot be written to, or what is kept there is no secret.
pub fn kept_secret_key(data_dir: &Path, randomness: &dyn Randomness) -> io::Result<SecretKey> {
    let path = data_dir.join(KEPT_SECRET_KEY);
    if !path.exists() {
        let mut key = zeroize::Zeroizing::new([0; SecretKey::MIN_LENGTH]);
        randomness.fill(key.as_mut_slice());
        create_private(data_dir, &path, key.as_slice())?;
    }
    let key = std::fs::read(&path)?;
    SecretKey::from_bytes(key).map_err(|reason| io::Error::other(format!("{}: {reason}", path.display())))
}

/// Writes a new file in one step: it is there whole, or not at all, and whoever is second keeps the first one's.
fn create_private(folder: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    use std::{
        fs::{DirBuilder, OpenOptions},
        io::Write,
        os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    };

    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let draft = folder.join(format!("secret.key.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

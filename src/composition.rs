//! The composition root: the only module that knows every component. It connects them for `main` and for tests.
//!
//! Tests pass in a clock that they control, a cheap hasher, and their own stores; the program passes in the real ones.
//! Everything else is the same.

use std::{error::Error, fmt, io, path::Path, sync::Arc, time::Duration};

use axum::Router;
use ipnet::IpNet;
use url::Url;

use crate::{
    accounts::{
        self, AbandonedAccounts, Accounts, Archivist, BackOffice, Background, BrowserCookies, DevMailbox, KeySeal,
        Keys, LastSeen, Lifetimes, Limits, LinkTokens, MailWorker, PendingSignupCookies, RefreshTokens,
        ports::{
            AccessTokens, Archive, AttemptLimits, Browsers, Clock, Customers, MailRenderer, Mailer, Outbox,
            PasswordHasher, Randomness, Sessions, SigningKeys, StoreError, StoreName, Timeline,
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

/// How often abandoned accounts are removed. Each time scans all customers.
const REMOVE_ABANDONED: Duration = Duration::from_hours(1);

/// How often an instance checks for signing keys that another instance added or removed.
const LOOK_FOR_KEYS: Duration = Duration::from_secs(2);

/// How often the outbox is checked for mail while it is empty.
const LOOK_FOR_MAIL: Duration = Duration::from_secs(1);

/// The number of workers that send mail: one continues while another waits for a mail server.
const ROUNDS: usize = 2;

/// The time limits of the shutdown: for work that continues after its response, for a round of a background task, and
/// for closing the stores.
const LONGEST_BACKGROUND_WORK: Duration = Duration::from_secs(5);
const LONGEST_ROUND: Duration = Duration::from_secs(5);
const LONGEST_CLOSING: Duration = Duration::from_secs(2);

/// The stores of all data.
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
    /// The implementation of these stores.
    backend: Backend,
}

#[derive(Clone)]
enum Backend {
    Embedded(Embedded),
    Servers(MongoStore, RedisStore),
}

impl Stores {
    /// Opens the configured stores.
    ///
    /// # Errors
    /// If a store does not answer, or reports that it cannot be used.
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

    /// Returns the migrations that [`Self::open`] would run, as text.
    ///
    /// # Errors
    /// If a store does not answer.
    pub async fn pending_migrations(config: &StoresConfig) -> Result<Vec<String>, StoreError> {
        match config {
            StoresConfig::Embedded { data_dir } => Embedded::pending_migrations(data_dir).await,
            StoresConfig::Servers { mongodb, .. } => MongoStore::pending_migrations(mongodb.expose()).await,
        }
    }

    /// Returns the stores of an embedded setup: everything in one file.
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

    /// Returns the stores of a server setup: durable data in MongoDB, short-lived data in Redis.
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

    /// Returns the background tasks of the stores, one group per store.
    fn workers(&self) -> Vec<Workers> {
        match &self.backend {
            Backend::Embedded(store) => vec![store.workers().clone()],
            Backend::Servers(mongodb, redis) => vec![mongodb.workers().clone(), redis.workers().clone()],
        }
    }

    /// Stops the background tasks of the stores and closes the stores, in bounded time. They must not be used
    /// afterwards. The last program that closes an embedded store leaves a single file, which is complete.
    pub async fn close(&self) {
        for group in self.workers() {
            stop(&group).await;
        }
        let close = async {
            match &self.backend {
                Backend::Embedded(store) => store.close().await,
                // Redis needs no orderly close.
                Backend::Servers(mongodb, _) => mongodb.close().await,
            }
        };
        if tokio::time::timeout(LONGEST_CLOSING, close).await.is_err() {
            tracing::warn!("shutdown: stores not closed in time");
        }
    }
}

/// The store in use, so that an operator notices a wrong one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSummary {
    pub store: StoreName,
    /// The name of the database, or the path of the file.
    pub database: String,
    /// The estimated number of customers.
    pub customers: u64,
}

impl StoreSummary {
    /// Queries the configured store without writing to it.
    ///
    /// # Errors
    /// If it does not answer.
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

/// Connects to Redis in any of its setups.
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

/// How the shop's mail is handled.
#[derive(Clone, Default)]
pub enum Mailing {
    /// There is no mail: features that need it are disabled.
    #[default]
    None,
    /// Mail is kept for a developer to read, rendered by this.
    Kept(Arc<dyn MailRenderer>),
    Sent(Arc<dyn Mailer>),
}

/// The components of the program.
pub struct Parts {
    pub stores: Stores,
    pub clock: Arc<dyn Clock>,
    pub randomness: Arc<dyn Randomness>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub mailing: Mailing,
    /// True if an account is unusable until its address is verified. Requires mail.
    pub requires_verified_email: bool,
    pub secret_keys: SecretKeys,
    /// The shop's name and design.
    pub brand: BrandConfig,
    pub public_url: PublicUrl,
    /// Other host names under which the server accepts requests.
    pub allowed_hosts: Vec<HostName>,
    /// The security contact, if the shop has one.
    pub security_contact: Option<Url>,
    pub lifetimes: Lifetimes,
    pub rate_limits: bool,
    /// The number of sign-ups of a network per hour before it has to wait between them.
    pub sign_ups_per_hour: u32,
    pub trusted_proxies: Vec<IpNet>,
    pub assets: Assets,
    /// True if a watcher reloads the pages.
    pub development: bool,
    /// The group in which background tasks are started.
    pub workers: Workers,
    /// The work that continues after its response.
    pub background: Background,
}

/// Why the components cannot be connected.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("no key to sign access tokens")]
    SigningKeys(#[from] accounts::Error),
    /// Internal error.
    #[error("the public URL is not an origin")]
    PublicUrl(#[from] tower_http::csrf::ConfigError),
}

/// Connects the components.
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
    let (outbox, dev_mailbox) = match parts.mailing {
        Mailing::None => (None, None),
        Mailing::Kept(renderer) => {
            let dev_mailbox = DevMailbox::new(outbox.clone(), renderer);
            trim_kept_mail(workers, dev_mailbox.clone());
            (Some(outbox), Some(dev_mailbox))
        }
        Mailing::Sent(mailer) => {
            let (clock, randomness) = (parts.clock.clone(), parts.randomness.clone());
            let (stop, tracker) = (workers.stopping(), workers.tracker());
            let mail_worker = MailWorker::until(stop, tracker, clock, randomness, outbox.clone(), mailer);
            deliver(workers, mail_worker);
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
        pending_signup_cookies: PendingSignupCookies::new(parts.secret_keys.derive("newcomer cookie v2")),
        link_tokens: link_tokens(&parts.secret_keys),
        requires_verified_email,
        outbox,
        notice_limits: limits.clone(),
        limits: parts.rate_limits.then_some(limits),
        last_seen: LastSeen::default(),
        background: parts.background,
        lifetimes: parts.lifetimes,
        shop: parts.brand.shop.clone(),
    };
    let branding = Branding::new(parts.brand, parts.public_url.origin());
    let state = AppState::new(
        accounts,
        std::iter::once(parts.workers).chain(of_stores).collect(),
        dev_mailbox,
        parts.public_url,
        parts.allowed_hosts,
        parts.security_contact,
        parts.trusted_proxies,
        branding,
        parts.assets,
    );
    Ok(web::router::<NotFound>(state, parts.stores.form_states, PAGES, ENDPOINTS, parts.development)?)
}

/// Returns the codec for the tokens of links in mails.
#[must_use]
pub fn link_tokens(secret_keys: &SecretKeys) -> LinkTokens {
    LinkTokens::new(secret_keys.derive("mail link v1"))
}

/// Returns the signing keys in these stores.
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

/// Returns the back office for these stores, for the shop of this name.
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

/// Returns the export and import for these stores.
#[must_use]
pub fn archivist(stores: &Stores) -> Archivist {
    Archivist { store: stores.archive.clone(), signing_keys: stores.signing_keys.clone() }
}

/// Keeps the keys of `access_tokens` up to date with the store.
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
fn deliver(workers: &Workers, mail_worker: MailWorker) {
    let mail_worker = Arc::new(mail_worker);
    for _ in 0..ROUNDS {
        let mail_worker = mail_worker.clone();
        workers.repeat(Worker::MailDelivery, move || {
            let mail_worker = mail_worker.clone();
            async move {
                match mail_worker.deliver_due().await {
                    Ok(true) => return Duration::ZERO,
                    Ok(false) => {}
                    Err(error) => tracing::warn!(error = &error as &dyn Error, "mail delivery failed"),
                }
                LOOK_FOR_MAIL
            }
        });
    }
}

/// Removes old mail from the development mailbox.
fn trim_kept_mail(workers: &Workers, dev_mailbox: DevMailbox) {
    workers.repeat(Worker::MailTrimming, move || {
        let dev_mailbox = dev_mailbox.clone();
        async move {
            if let Err(error) = dev_mailbox.remove_the_oldest().await {
                tracing::warn!(error = &error as &dyn Error, "sweep failed: old mail stays until the next sweep");
            }
            SWEEP
        }
    });
}

/// Removes expired data from the embedded store. Redis does that automatically.
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

/// Removes accounts that were never verified, in any store.
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

/// Shuts down what [`build`] started, after the last request: waits for work that continues after its response, then
/// stops the background tasks, then closes the stores. All of it takes bounded time.
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

/// The file name of an embedded store's secret, in its folder.
pub const KEPT_SECRET_KEY: &str = "secret.key";

/// Returns the secret of an embedded store without a configured one. It is generated once and stored in the folder,
/// readable only by this user.
///
/// # Errors
/// If the folder is not writable, or the stored secret is invalid.
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

/// Creates a file atomically, complete or not at all. Does not replace a file that another process has created first.
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

//! The composition root: the only module that knows every component. It connects them for `main` and for tests.
//!
//! Tests pass in a clock that they control, a cheap hasher, and their own stores; the program passes in the real ones.
//! Everything else is the same.

mod secret_key;
mod stores;
mod tasks;

use std::{sync::Arc, time::Duration};

use axum::Router;
use ipnet::IpNet;
use url::Url;

use crate::{
    accounts::{
        self, Accounts, Archivist, BackOffice, Background, BrowserCookies, Core, DevMailbox, KeySeal, Keys, LastSeen,
        Lifetimes, Limits, LinkTokens, MailWorker, PendingSignupCookies, RefreshTokens,
        ports::{AccessTokens, Clock, MailRenderer, Mailer, PasswordHasher, Randomness},
    },
    adapters::access_tokens::JwtAccessTokens,
    config::{BrandConfig, HostName, PublicUrl, SecretKeys},
    endpoints::ENDPOINTS,
    pages::{NotFound, PAGES},
    web::{self, AppState, Assets, Branding},
    workers::Workers,
};

pub use secret_key::{KEPT_SECRET_KEY, find_kept_secret_key, kept_secret_key};
pub use stores::{StoreSummary, Stores, check_redis};

/// The time limits of the shutdown: for work that continues after its response, and for a round of a background task.
const LONGEST_BACKGROUND_WORK: Duration = Duration::from_secs(5);
const LONGEST_ROUND: Duration = Duration::from_secs(5);

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
    tasks::follow_keys(workers, keys, access_tokens.clone());
    tasks::sweep(workers, &parts.stores, &parts.clock);
    let of_stores = parts.stores.workers();
    let outbox = parts.stores.outbox;
    let (outbox, dev_mailbox) = match parts.mailing {
        Mailing::None => (None, None),
        Mailing::Kept(renderer) => {
            let dev_mailbox = DevMailbox::new(outbox.clone(), renderer);
            tasks::trim_kept_mail(workers, dev_mailbox.clone());
            (Some(outbox), Some(dev_mailbox))
        }
        Mailing::Sent(mailer) => {
            let (clock, randomness) = (parts.clock.clone(), parts.randomness.clone());
            let (stop, tracker) = (workers.stopping(), workers.tracker());
            let mail_worker = MailWorker::until(stop, tracker, clock, randomness, outbox.clone(), mailer);
            tasks::deliver(workers, mail_worker);
            (Some(outbox), None)
        }
    };
    let limits = {
        let (clock, randomness) = (parts.clock.clone(), parts.randomness.clone());
        Arc::new(Limits::new(parts.stores.limits, clock, randomness, parts.sign_ups_per_hour))
    };
    let requires_verified_email = parts.requires_verified_email && outbox.is_some();
    if requires_verified_email {
        tasks::remove_abandoned(workers, parts.stores.customers.clone(), parts.clock.clone());
    }
    let accounts = Accounts {
        core: Core {
            clock: parts.clock,
            randomness: parts.randomness,
            customers: parts.stores.customers,
            sessions: parts.stores.sessions,
            timeline: parts.stores.timeline,
            browsers: parts.stores.browsers,
            hasher: parts.hasher,
            retention: parts.lifetimes.activity,
            shop: parts.brand.shop.clone(),
        },
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
        session_lifetime: lifetimes.session_absolute,
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
    BackOffice(Core {
        clock: clock.clone(),
        randomness: randomness.clone(),
        customers: stores.customers.clone(),
        sessions: stores.sessions.clone(),
        timeline: stores.timeline.clone(),
        browsers: stores.browsers.clone(),
        hasher,
        retention: lifetimes.activity,
        shop,
    })
}

/// Returns the export and import for these stores.
#[must_use]
pub fn archivist(stores: &Stores) -> Archivist {
    Archivist { store: stores.archive.clone(), signing_keys: stores.signing_keys.clone() }
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

//! `doorstep serve`: constructs the parts, and serves until the program is stopped.

use std::{
    error::Error,
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use doorstep::{
    accounts::{
        Background,
        ports::{Clock, Randomness},
    },
    adapters::{
        embedded::Embedded,
        hasher::BcryptHasher,
        mail::{Colours, Sender, SmtpMailer},
        open_files,
    },
    composition::{self, KEPT_SECRET_KEY, Mailing, Parts, StoreSummary, Stores},
    config::{Accent, Config, MailConfig, MailServer, PAPER, SecretKeys, StoresConfig, Theme},
    web::{self, Assets, ConnectionLimits},
    workers::Workers,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use super::{Done, open_stores, output::tell_warning, secret_keys, telemetry::serve_metrics, world};

/// The time limit for requests in progress after the signal to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs the server.
///
/// # Errors
/// If a store does not become available, the port is in use, or there is no secret.
pub async fn serve(config: Config) -> Done {
    let (clock, randomness) = world();
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    if !config.logs.shows_errors() {
        // The log hides them, and among them the reason.
        config.warnings.iter().for_each(|warning| tell_warning(config.logs.format, warning));
    }
    if let Some(accent) = config.brand.accent {
        check_contrast(accent);
    }
    let (workers, background) = (Workers::new(), Background::default());
    if let Some(address) = config.telemetry.metrics {
        serve_metrics(address, &workers)?;
    }
    warn_of_missing_store(&config.stores);
    let stores = open_stores(&config.stores, &clock).await?;
    let served = serve_from(config, &stores, clock, randomness, &workers, &background).await;
    // After a failure too: without an orderly close, an embedded store stays marked as in use.
    composition::shut_down(&background, &workers, &stores).await;
    served
}

/// Serves from these stores until the program is stopped.
async fn serve_from(
    config: Config,
    stores: &Stores,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    workers: &Workers,
    background: &Background,
) -> Done {
    let origin = config.server.public_url.origin().to_owned();
    let secret_keys = secret_keys(&config, stores, &*randomness).await?;
    let mailing = mailing(&config, &secret_keys)?;
    // In the background: counting unusable addresses reads a whole index.
    let in_use = config.stores.clone();
    background.spawn(async move { log_store_in_use(&in_use).await });
    let app = composition::build(Parts {
        stores: stores.clone(),
        clock,
        mailing,
        requires_verified_email: config.mail.requires_verified_email,
        hasher: Arc::new(BcryptHasher::new(config.passwords.bcrypt_cost, randomness.clone())),
        randomness,
        secret_keys,
        brand: config.brand,
        public_url: config.server.public_url,
        allowed_hosts: config.server.allowed_hosts,
        security_contact: config.server.security_contact,
        lifetimes: config.lifetimes,
        rate_limits: config.limits.enabled,
        sign_ups_per_hour: config.limits.sign_ups_per_hour,
        trusted_proxies: config.limits.trusted_proxies.clone(),
        assets: Assets::new(std::env::var_os("LEPTOS_SITE_ROOT").unwrap_or_else(|| "target/site".into())),
        development: std::env::var_os("LEPTOS_WATCH").is_some(),
        workers: workers.clone(),
        background: background.clone(),
    })
    .await?;

    let limits = ConnectionLimits::for_customers(open_files::raise_limit(), config.limits.trusted_proxies);
    tracing::info!(limit = limits.total, "connection limit set");
    let address = SocketAddr::new(config.server.host, config.server.port);
    let listener = TcpListener::bind(address).await.map_err(|error| not_listening("HOST and PORT", address, &error))?;
    let told = stop_signal()?;
    // The server also runs without a reader of this line.
    let _ = writeln!(io::stdout(), "Server is running on {origin}");
    let (announce, stopping) = tokio::sync::oneshot::channel();
    let served = web::serve(listener, app, limits, async move {
        told.await;
        tracing::info!("shutting down: finishing requests in flight");
        let _ = announce.send(());
    });
    tokio::select! {
        () = served => {}
        () = async { let _ = stopping.await; tokio::time::sleep(SHUTDOWN_TIMEOUT).await } => {
            tracing::warn!("shutdown: some requests did not finish in time");
        }
    }
    Ok(())
}

/// Returns the error of an address on which the program cannot listen, with the variables that set it.
pub fn not_listening(variables: &str, address: SocketAddr, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{variables}: cannot listen on {address}: {error}"))
}

/// Warns if a new store is about to be created beside an existing secret. That is correct if the secret was created
/// before the first start. Otherwise the file of the store is missing.
fn warn_of_missing_store(config: &StoresConfig) {
    let StoresConfig::Embedded { data_dir } = config else { return };
    if matches!(Embedded::exists(data_dir), Ok(false)) && data_dir.join(KEPT_SECRET_KEY).exists() {
        let folder = data_dir.display();
        tracing::warn!(%folder, "creating an empty store: there is a {KEPT_SECRET_KEY} but no store");
    }
}

/// Logs which store is in use, so that an operator notices a wrong one.
async fn log_store_in_use(config: &StoresConfig) {
    match StoreSummary::of(config).await {
        Ok(summary) => {
            let StoreSummary { store, database, customers, warnings, obstacles } = summary;
            tracing::info!(%store, database, customers, "store in use");
            for warning in warnings {
                tracing::warn!("{warning}");
            }
            // The server stays ready: customers can still log in.
            for obstacle in obstacles {
                tracing::error!("{obstacle}");
            }
        }
        Err(error) => tracing::warn!(error = &error as &dyn Error, "store in use unknown"),
    }
}

/// Warns if the shop's colour is not readable as text, and says which colour is used instead.
fn check_contrast(accent: Accent) {
    let Theme { light, dark } = Theme::of(accent);
    if light.link != accent {
        let contrast = accent.contrast(PAPER[0]);
        let link = light.link;
        tracing::warn!("THEME_ACCENT {accent} has a contrast of {contrast:.1}:1, below 4.5:1: links use {link}");
    }
    tracing::info!("THEME_ACCENT on dark pages: {}", dark.accent);
}

/// Returns how mail is sent, kept or disabled.
fn mailing(config: &Config, secret_keys: &SecretKeys) -> Result<Mailing, Box<dyn Error>> {
    let MailConfig { server, is_kept, .. } = &config.mail;
    let colours = config.brand.accent.map(|accent| Theme::of(accent).light).map(|shades| Colours {
        accent: shades.accent.to_string(),
        on_accent: shades.on_accent.to_string(),
        link: shades.link.to_string(),
    });
    let sender = |from| Sender {
        from,
        shop: config.brand.shop.clone(),
        colours: colours.clone().unwrap_or_default(),
        site: config.server.public_url.origin().to_owned(),
        links: composition::link_tokens(secret_keys),
    };
    Ok(match server {
        Some(MailServer { url, from }) => Mailing::Sent(Arc::new(SmtpMailer::new(url.expose(), sender(from.clone()))?)),
        None if *is_kept => Mailing::Kept(Arc::new(sender("doorstep@localhost".parse()?))),
        None => Mailing::None,
    })
}

/// Returns a future that completes when the program is told to stop. The signals are handled from this call on, since
/// they may arrive as soon as the server reports that it is running.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

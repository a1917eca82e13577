//! The program: reads the configuration, puts the parts together, serves.

use std::{collections::HashMap, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use axum::serve::ListenerExt;
use clap::{Parser, Subcommand};
use doorstep::{
    accounts::ports::{Clock, Randomness, StoreError},
    adapters::{clock::SystemClock, hasher::BcryptHasher, randomness::SystemRandomness},
    composition::{self, Parts, Stores},
    config::{Config, LogFormat, LogsConfig, Problem, Problems, StoresConfig},
    web::Assets,
};
use tokio::{net::TcpListener, signal::unix::SignalKind, time::Instant};

/// How long a store may take to come up before the program gives up.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long requests in flight may take to finish once the program was told to stop.
const FAREWELL: Duration = Duration::from_secs(10);

/// Customer accounts that a shop can host itself. Configured by the environment or a .env file; see .env.example.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve (the default)
    Serve,
    /// Check the configuration and print it, without its secrets
    CheckConfig,
}

// Memory that one thread takes and another gives back: glibc's allocator makes threads queue for that, and a third of
// a request's time went there (`docs/figures.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = match read_config() {
        Ok(config) => config,
        Err(problems) => {
            eprintln!("The configuration cannot be used:\n{problems}");
            return ExitCode::from(2);
        }
    };
    match arguments.command.unwrap_or(Command::Serve) {
        Command::CheckConfig => {
            println!("{config}");
            ExitCode::SUCCESS
        }
        Command::Serve => serve(config),
    }
}

/// The configuration from the environment, and from a `.env` file what the environment does not say.
fn read_config() -> Result<Config, Problems> {
    let file: HashMap<String, String> = match dotenvy::dotenv_iter() {
        Ok(variables) => {
            variables.collect::<Result<_, _>>().map_err(|_| unreadable("is not in the form NAME=value"))?
        }
        Err(error) if error.not_found() => HashMap::new(),
        Err(_) => return Err(unreadable("cannot be read")),
    };
    Config::read(&|variable| std::env::var(variable).ok().or_else(|| file.get(variable).cloned()))
}

fn unreadable(reason: &str) -> Problems {
    Problems(vec![Problem { variable: ".env", reason: reason.to_owned() }])
}

#[tokio::main]
async fn serve(config: Config) -> ExitCode {
    start_logs(&config.logs);
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = &*error, "cannot serve");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let randomness: Arc<dyn Randomness> = Arc::new(SystemRandomness);
    let secret_key = match (&config.secret_key, &config.stores) {
        (Some(key), _) => key.clone(),
        (None, StoresConfig::Embedded { data_dir }) => composition::kept_secret_key(data_dir, &*randomness)?,
        (None, StoresConfig::Servers { .. }) => return Err("SECRET_KEY is needed".into()),
    };
    let origin = config.server.public_url.origin().to_owned();
    let app = composition::build(Parts {
        stores: open_stores(&config.stores, &clock).await?,
        clock,
        hasher: Arc::new(BcryptHasher::new(config.passwords.bcrypt_cost, randomness.clone())),
        randomness,
        secret_key,
        public_url: config.server.public_url,
        lifetimes: config.lifetimes,
        rate_limits: config.limits.enabled,
        trusted_proxies: config.limits.trusted_proxies,
        assets: Assets::new(std::env::var("LEPTOS_SITE_ROOT").unwrap_or_else(|_| "target/site".to_owned())),
        development: std::env::var_os("LEPTOS_WATCH").is_some(),
    })?;

    let listener = TcpListener::bind((config.server.host, config.server.port)).await?;
    // Answers are small and whole; waiting to fill a packet only delays them.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    println!("Server is running on {origin}");
    let (announce, stopping) = tokio::sync::oneshot::channel();
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        wait_for_signal().await;
        tracing::info!("stopping: requests in flight are finished first");
        let _ = announce.send(());
    });
    tokio::select! {
        done = server.into_future() => done?,
        () = async { let _ = stopping.await; tokio::time::sleep(FAREWELL).await } => {
            tracing::warn!("some requests did not finish in time");
        }
    }
    Ok(())
}

/// Opens the stores, and waits for those that are not up yet.
async fn open_stores(config: &StoresConfig, clock: &Arc<dyn Clock>) -> Result<Stores, Box<dyn std::error::Error>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match Stores::open(config, clock).await {
            Ok(stores) => return Ok(stores),
            // What is stored wrongly will not mend itself, nor will a folder that cannot be written to.
            Err(error @ StoreError::Unavailable { .. })
                if Instant::now() < deadline && matches!(config, StoresConfig::Servers { .. }) =>
            {
                tracing::warn!(error = &error as &dyn std::error::Error, "waiting for a store");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

async fn wait_for_signal() {
    let terminate = async {
        match tokio::signal::unix::signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

fn start_logs(config: &LogsConfig) {
    let logs = tracing_subscriber::fmt().with_env_filter(&config.filter).with_writer(std::io::stderr);
    match config.format {
        LogFormat::Text => logs.init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
}

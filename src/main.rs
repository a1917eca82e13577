//! The program: reads the configuration and runs the command it is given.

mod commands;

use std::{collections::HashMap, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use commands::{
    Done, Refusal,
    backup::{backup, restore},
    customers::{CustomersArguments, customers},
    export::export,
    healthcheck::healthcheck,
    import::import,
    keys::{KeysCommand, keys},
    migrate::migrate,
    serve::serve,
    telemetry::Telemetry,
};
use doorstep::config::{Config, Problem, Problems};

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
    /// Ask the instance on this machine whether it is ready
    Healthcheck,
    /// Bring the stores up to date, as every start does too
    Migrate {
        /// Only say what that would be
        #[arg(long)]
        dry_run: bool,
    },
    /// The keys that sign access tokens
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The accounts of customers
    Customers(CustomersArguments),
    /// Copy the embedded store into a new file, also while it is in use
    Backup { file: PathBuf },
    /// Put a backup in the place of what the embedded store holds, also while it is in use; all sessions end
    Restore { file: PathBuf },
    /// Write all customers and what belongs to them, hashes of passwords too, as lines of JSON
    Export {
        /// A new file; without it, or with `-`, standard output
        file: Option<PathBuf>,
    },
    /// Put what was exported into the store that is configured; to do it again does no harm
    Import {
        /// Without it, or with `-`, standard input
        file: Option<PathBuf>,
    },
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
        Command::Serve => finish(config, serve),
        Command::Healthcheck => finish(config, healthcheck),
        Command::Migrate { dry_run } => finish(config, |config| migrate(config, dry_run)),
        Command::Keys(command) => finish(config, |config| keys(config, command)),
        Command::Customers(arguments) => finish(config, |config| customers(config, arguments)),
        Command::Backup { file } => finish(config, |config| backup(config, file)),
        Command::Restore { file } => finish(config, |config| restore(config, file)),
        Command::Export { file } => finish(config, |config| export(config, file)),
        Command::Import { file } => finish(config, |config| import(config, file)),
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
async fn finish<F: Future<Output = Done>>(config: Config, command: impl FnOnce(Config) -> F) -> ExitCode {
    let telemetry = match Telemetry::start(&config.logs, &config.telemetry) {
        Ok(telemetry) => telemetry,
        Err(error) => {
            eprintln!("There is no telling how it goes: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = command(config).await;
    match &done {
        Ok(()) => {}
        // For whoever typed the command, and not for the log.
        Err(error) if error.is::<Refusal>() => eprintln!("{error}"),
        Err(error) => tracing::error!(error = &**error, "cannot go on"),
    }
    telemetry.finish().await;
    if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

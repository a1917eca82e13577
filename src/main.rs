//! The program: reads the configuration and runs the command it is given.

mod commands;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use commands::{
    Done, Refusal,
    backup::{backup, restore},
    check_config::check_config,
    customers::{CustomersArguments, customers},
    export::export,
    healthcheck::healthcheck,
    import::import,
    keys::{KeysCommand, keys},
    migrate::migrate,
    output::{OutputClosed, tell, tell_problems},
    serve::serve,
    telemetry::Telemetry,
};
use doorstep::config::{Config, EnvFile, LogFormat};

/// Customer accounts that a shop can host itself. Configured by the environment or by the file .env in the working
/// directory; see .env.example.
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
    /// Check the configuration and print it, without its secrets, and which store it leads to
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
    /// Put what was exported into the store that is configured; customers whose record there is newer stay as they are
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
    let file = EnvFile::read(Path::new(".env"));
    let of_file = |variable: &str| file.as_ref().ok()?.get(variable).map(str::to_owned);
    // What is not Unicode is nothing that could be meant, and still not the same as nothing. What is empty counts as not set.
    let of_environment = |variable: &str| Some(std::env::var_os(variable)?.to_string_lossy().into_owned());
    let of_environment = |variable: &str| of_environment(variable).filter(|value| !value.trim().is_empty());
    let variable = |name: &str| of_environment(name).or_else(|| of_file(name));
    let format = LogFormat::of(variable("LOG_FORMAT").as_deref());

    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() && format == LogFormat::Json => {
            tell(format, &error.render().to_string());
            return ExitCode::from(2);
        }
        Err(error) => error.exit(),
    };
    let config = match file.as_ref().map_err(Clone::clone).and_then(|_| Config::read(&variable)) {
        Ok(config) => config,
        Err(problems) => {
            tell_problems(format, &problems);
            return ExitCode::from(2);
        }
    };
    match arguments.command.unwrap_or(Command::Serve) {
        Command::CheckConfig => check(config),
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

#[tokio::main]
async fn finish<F: Future<Output = Done>>(config: Config, command: impl FnOnce(Config) -> F) -> ExitCode {
    let format = config.logs.format;
    let telemetry = match Telemetry::start(&config.logs, &config.telemetry) {
        Ok(telemetry) => telemetry,
        Err(error) => {
            tell(format, &format!("Could not start logging: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let code = conclude(format, command(config).await);
    telemetry.finish().await;
    code
}

/// Checks the configuration, and starts nothing else that it says.
#[tokio::main]
async fn check(config: Config) -> ExitCode {
    let format = config.logs.format;
    conclude(format, check_config(config).await)
}

/// Tells what a command could not do.
fn conclude(format: LogFormat, done: Done) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has read enough, and nobody else has to be told.
        Err(error) if error.is::<OutputClosed>() => ExitCode::SUCCESS,
        // For whoever typed the command, and not for the log.
        Err(error) if error.is::<Refusal>() => {
            tell(format, &error.to_string());
            ExitCode::FAILURE
        }
        Err(error) => {
            tracing::error!(error = &*error, "cannot go on");
            ExitCode::FAILURE
        }
    }
}

//! The command line: reads the configuration and runs a command.

mod commands;

use std::{
    error::Error,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{self, ExitCode},
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
    signals::{Stopped, survive_file_size_limit, until_stopped},
    telemetry::Telemetry,
};
use doorstep::config::{Config, EnvFile, LOG_TARGET, LogFormat};

/// Self-hosted customer accounts for a shop. Configured by environment variables or by a .env file in the working
/// directory; see .env.example.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server (default)
    Serve,
    /// Check the configuration, print it without secrets, and connect to the stores in use
    CheckConfig,
    /// Check that the instance on this machine is ready
    Healthcheck,
    /// Apply pending store migrations, as every start does
    Migrate {
        /// Print the pending migrations without applying them
        #[arg(long)]
        dry_run: bool,
    },
    /// Manage the keys that sign access tokens
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Manage customer accounts
    Customers(CustomersArguments),
    /// Copy the embedded store to a new file, even while it is in use
    Backup { file: PathBuf },
    /// Replace the contents of the embedded store with a backup, even while it is in use; all sessions end
    Restore { file: PathBuf },
    /// Export all customers and their data, including password hashes, as JSON lines
    Export {
        /// File to create; standard output if omitted or `-`
        file: Option<PathBuf>,
    },
    /// Import an export into the configured store; customers with a newer record there are skipped
    Import {
        /// File to read; standard input if omitted or `-`
        file: Option<PathBuf>,
    },
}

// Avoids contention in glibc's allocator when one thread frees memory that another allocated: it took a third of a
// request's time (`docs/figures.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let file = EnvFile::read(Path::new(".env"));
    let of_file = |variable: &str| file.get(variable).map(OsString::from);
    // An empty value counts as unset. A value that is not UTF-8 is invalid.
    let is_set = |value: &OsString| value.to_str().is_none_or(|value| !value.trim().is_empty());
    let of_environment = |variable: &str| std::env::var_os(variable).filter(is_set);
    let variable = |name: &str| of_environment(name).or_else(|| of_file(name));
    let format = LogFormat::of(variable("LOG_FORMAT").as_deref().and_then(OsStr::to_str));

    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() && format == LogFormat::Json => {
            tell(format, &error.render().to_string());
            return ExitCode::from(2);
        }
        Err(error) => error.exit(),
    };
    let read = Config::read(&variable);
    let config = match file.check(read) {
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
        Command::Backup { file } => finish(config, |config| until_stopped(backup(config, file))),
        Command::Restore { file } => finish(config, |config| until_stopped(restore(config, file))),
        Command::Export { file } => finish(config, |config| export(config, file)),
        Command::Import { file } => finish(config, |config| import(config, file)),
    }
}

#[tokio::main]
async fn finish<F: Future<Output = Done>>(config: Config, command: impl FnOnce(Config) -> F) -> ExitCode {
    let (format, shows_errors) = (config.logs.format, config.logs.shows_errors());
    let telemetry = match Telemetry::start(&config.logs, &config.telemetry) {
        Ok(telemetry) => telemetry,
        Err(error) => {
            tell(format, &format!("Could not start logging: {error}"));
            return ExitCode::FAILURE;
        }
    };
    if let Err(error) = survive_file_size_limit() {
        tracing::warn!(error = &error as &dyn Error, "a limit on the size of files will stop the program");
    }
    let done = command(config).await;
    let stopped = done.as_ref().err().and_then(|error| error.downcast_ref()).map(|Stopped { status }| *status);
    if let Some(status) = stopped {
        telemetry.finish().await;
        // Nothing else is dropped, see `until_stopped`.
        process::exit(status);
    }
    let code = conclude(format, done, shows_errors);
    telemetry.finish().await;
    code
}

/// Checks the configuration without serving.
#[tokio::main]
async fn check(config: Config) -> ExitCode {
    let format = config.logs.format;
    if let Err(error) = survive_file_size_limit() {
        tell(format, &format!("SIGXFSZ is not handled: {error}"));
    }
    // Nothing is logged here, so every error is for the terminal.
    let done = check_config(config)
        .await
        .map_err(|error| if error.is::<OutputClosed>() { error } else { Refusal::of(&*error).into() });
    conclude(format, done, false)
}

/// Reports the result of a command and returns its exit code. An error that the log does not show is printed.
fn conclude(format: LogFormat, done: Done, log_shows_errors: bool) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // The reader closed the output early, for example `head`. That is not an error.
        Err(error) if error.is::<OutputClosed>() => ExitCode::SUCCESS,
        // Meant for the person at the terminal, not for the log.
        Err(error) if error.is::<Refusal>() => {
            tell(format, &error.to_string());
            ExitCode::FAILURE
        }
        Err(error) => {
            tracing::error!(target: LOG_TARGET, error = &*error, "command failed");
            if !log_shows_errors {
                tell(format, &Refusal::of(&*error).to_string());
            }
            ExitCode::FAILURE
        }
    }
}

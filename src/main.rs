//! The program: reads the configuration and runs the command it is given.

mod commands;

use std::{collections::HashMap, io::IsTerminal, process::ExitCode};

use clap::{Parser, Subcommand};
use commands::{
    Done,
    keys::{KeysCommand, keys},
    serve::serve,
};
use doorstep::config::{Config, LogFormat, LogsConfig, Problem, Problems};

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
    /// The keys that sign access tokens
    #[command(subcommand)]
    Keys(KeysCommand),
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
        Command::Keys(command) => finish(config, |config| keys(config, command)),
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
    start_logs(&config.logs);
    match command(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = &*error, "cannot go on");
            ExitCode::FAILURE
        }
    }
}

fn start_logs(config: &LogsConfig) {
    let logs = tracing_subscriber::fmt()
        .with_env_filter(&config.filter)
        .with_writer(std::io::stderr)
        // Colours are for people; in a file they would be escape sequences (ASVS 5.0, 16.4.1).
        .with_ansi(std::io::stderr().is_terminal());
    match config.format {
        LogFormat::Text => logs.init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
}

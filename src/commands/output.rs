//! What a command prints: results on standard output, and on standard error what it cannot do. Neither by `println!` and
//! its like, which panic once nobody reads any more.

use std::{
    fmt::Display,
    io::{self, Write},
};

use super::Done;
use doorstep::{
    accounts::{ports::Clock, timestamp},
    adapters::clock::SystemClock,
    config::{LogFormat, Problems},
};

/// The reader of standard output has gone, as `head` does: the command ends quietly.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the output any more")]
pub struct OutputClosed;

/// Prints a line to standard output.
///
/// # Errors
/// [`OutputClosed`], or that it cannot be written.
pub fn print(line: impl Display) -> Done {
    let mut out = io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(OutputClosed.into()),
        written => Ok(written?),
    }
}

/// Tells whoever runs the program what it cannot do: in words, or as a line of the log where those are JSON.
pub fn tell(format: LogFormat, message: &str) {
    match format {
        LogFormat::Text => write_error(message),
        LogFormat::Json => write_json(message, None),
    }
}

/// Tells what is wrong with the configuration.
pub fn tell_problems(format: LogFormat, problems: &Problems) {
    const MESSAGE: &str = "The configuration cannot be used:";
    match format {
        LogFormat::Text => write_error(&format!("{MESSAGE}\n{problems}")),
        LogFormat::Json => write_json(MESSAGE, Some(problems)),
    }
}

fn write_json(message: &str, problems: Option<&Problems>) {
    let mut line = serde_json::json!({
        "timestamp": timestamp(SystemClock.now()),
        "level": "ERROR",
        "message": message.trim_end(),
        "target": "doorstep",
    });
    if let Some(Problems(problems)) = problems {
        line["problems"] = problems.iter().map(ToString::to_string).collect();
    }
    write_error(&line.to_string());
}

fn write_error(text: &str) {
    // Where nobody reads there is nobody to tell.
    let _ = writeln!(io::stderr(), "{text}");
}

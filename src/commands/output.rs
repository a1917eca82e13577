//! Output of commands: results to standard output, errors to standard error. Does not use `println!` and similar
//! macros, which panic when the output is closed.

use std::{
    fmt::Display,
    fs,
    io::{self, Write},
    os::unix::fs::MetadataExt,
};

use rustix::fs::{FileType, OFlags};

use super::Done;
use doorstep::{
    accounts::{ports::Clock, timestamp},
    adapters::clock::SystemClock,
    config::{LogFormat, Problem, Problems},
};

/// The error for a closed standard output, for example by `head`. The command exits without a message.
#[derive(Debug, thiserror::Error)]
#[error("the reader closed the output")]
pub struct OutputClosed;

/// The error for a standard output that takes nothing, for example a file on a full disk.
#[derive(Debug, thiserror::Error)]
#[error("the output could not be written")]
struct Unwritten(#[source] io::Error);

/// The error for a document that no one would get.
#[derive(Debug, thiserror::Error)]
#[error("the standard output is closed: name a file, or redirect the output to one")]
struct NoOutput;

/// Returns `Ok` if standard output is open. Before `main`, Rust opens `/dev/null` instead of a closed one, for
/// reading and writing; a shell that is told to discard the output opens it for writing only.
///
/// # Errors
/// If it is closed.
pub fn check_is_open() -> Done {
    let out = io::stdout();
    let is_null = match (fs::metadata("/dev/null"), rustix::fs::fstat(&out)) {
        (Ok(null), Ok(out)) => null.rdev() == out.st_rdev && FileType::from_raw_mode(out.st_mode).is_char_device(),
        _ => false,
    };
    let flags = rustix::fs::fcntl_getfl(&out).map_err(|_| NoOutput)?;
    if is_null && flags.contains(OFlags::RDWR) { Err(NoOutput.into()) } else { Ok(()) }
}

/// Prints a line to standard output.
///
/// # Errors
/// [`OutputClosed`], or the error of the write.
pub fn print(line: impl Display) -> Done {
    let mut out = io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(OutputClosed.into()),
        written => Ok(written.map_err(Unwritten)?),
    }
}

/// Reports an error to the operator: as text, or as a JSON line if logs are JSON.
pub fn tell(format: LogFormat, message: &str) {
    match format {
        LogFormat::Text => write_error(message),
        LogFormat::Json => write_json("ERROR", message, None),
    }
}

/// Reports the problems of the configuration.
pub fn tell_problems(format: LogFormat, problems: &Problems) {
    const MESSAGE: &str = "Invalid configuration:";
    match format {
        LogFormat::Text => write_error(&format!("{MESSAGE}\n{problems}")),
        LogFormat::Json => write_json("ERROR", MESSAGE, Some(problems)),
    }
}

/// Reports a warning of the configuration that the log does not show.
pub fn tell_warning(format: LogFormat, warning: &Problem) {
    match format {
        LogFormat::Text => write_error(&format!("Warning: {warning}")),
        LogFormat::Json => write_json("WARN", &warning.to_string(), None),
    }
}

fn write_json(level: &str, message: &str, problems: Option<&Problems>) {
    let mut line = serde_json::json!({
        "timestamp": timestamp(SystemClock.now()),
        "level": level,
        "message": message.trim_end(),
        "target": "doorstep",
    });
    if let Some(Problems(problems)) = problems {
        line["problems"] = problems.iter().map(ToString::to_string).collect();
    }
    write_error(&line.to_string());
}

fn write_error(text: &str) {
    // If standard error is closed, the message cannot be delivered.
    let _ = writeln!(io::stderr(), "{text}");
}

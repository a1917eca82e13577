//! Signals: a command that is stopped removes what it has not finished, and a limit on the size of files is an ordinary
//! error.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

use super::Done;

/// The error of a command that a signal stopped. It exits without a message.
#[derive(Debug, thiserror::Error)]
#[error("stopped by a signal")]
pub struct Stopped {
    /// The exit status: 128 plus the number of the signal, as shells report it.
    pub status: u8,
}

/// Runs a command until it ends, or until SIGINT or SIGTERM stops it. A stopped command is dropped, which removes its
/// drafts.
///
/// # Errors
/// The error of the command, or [`Stopped`].
pub async fn until_stopped(command: impl Future<Output = Done>) -> Done {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        done = command => done,
        _ = interrupt.recv() => Err(Stopped { status: 130 }.into()),
        _ = terminate.recv() => Err(Stopped { status: 143 }.into()),
    }
}

/// Keeps SIGXFSZ from killing the program: a write beyond the limit on the size of files (`ulimit -f`) then fails like
/// one on a full disk.
///
/// # Errors
/// If the signal cannot be handled.
pub fn survive_file_size_limit() -> io::Result<()> {
    let too_large = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
    // The handler stays when the listener is dropped.
    signal(too_large).map(drop)
}

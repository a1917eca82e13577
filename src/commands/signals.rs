//! Signals: a command that is stopped removes what it has not finished, and a limit on the size of files is an ordinary
//! error.

use std::{io, mem::ManuallyDrop};

use doorstep::adapters::new_file::NewFile;

use tokio::signal::unix::{SignalKind, signal};

use super::Done;

/// The error of a command that a signal stopped. The program has to exit at once, without a message.
#[derive(Debug, thiserror::Error)]
#[error("stopped by a signal")]
pub struct Stopped {
    /// The exit status: 128 plus the number of the signal, as shells report it.
    pub status: i32,
}

/// Runs a command until it ends, or until SIGINT or SIGTERM stops it. The drafts of a stopped command are removed.
///
/// A stopped command is not dropped: a store is closed in order or, as by a kill, not at all. Dropping its connections
/// would remove its log and leave the mark that the log is needed.
///
/// # Errors
/// The error of the command, or [`Stopped`].
pub async fn until_stopped(command: impl Future<Output = Done>) -> Done {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut command = ManuallyDrop::new(Box::pin(command));
    let status = tokio::select! {
        done = command.as_mut() => {
            drop(ManuallyDrop::into_inner(command));
            return done;
        }
        _ = interrupt.recv() => 130,
        _ = terminate.recv() => 143,
    };
    NewFile::remove_unfinished();
    Err(Stopped { status }.into())
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

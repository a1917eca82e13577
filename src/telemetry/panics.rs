//! Logs each panic as one line, whether it happens in a request or in the background.

use std::panic::{self, PanicHookInfo};

/// Logs every panic from now on, instead of the text that Rust writes to standard error.
pub fn log_all() {
    panic::set_hook(Box::new(log));
}

fn log(panic: &PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("unknown payload");
    let location = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(panic = message, location, "panicked");
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::telemetry::log_queue::LogQueue;

    /// Set in the process that panics: the hook is global to a process, and other tests need their own.
    const PANICS: &str = "DOORSTEP_TEST_PANICS";

    #[test]
    fn n14_a_panic_in_a_task_is_one_line_of_json() {
        if std::env::var_os(PANICS).is_some() {
            let queue = LogQueue::default();
            queue.write_to(std::io::stderr(), |_| ()).unwrap();
            let _flush = queue.flush_on_drop();
            tracing_subscriber::fmt().json().flatten_event(true).with_writer(queue).init();
            log_all();
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
            let task = async { panic!("two\nlines of {}", "text") };
            assert!(runtime.block_on(async { tokio::spawn(task).await.map(|(): ()| ()) }).is_err());
            return;
        }
        let name = "telemetry::panics::tests::n14_a_panic_in_a_task_is_one_line_of_json";
        let mut again = Command::new(std::env::current_exe().unwrap());
        let output = again.args(["--exact", name, "--nocapture"]).env(PANICS, "1").output().unwrap();
        assert!(output.status.success());
        let log = String::from_utf8(output.stderr).unwrap();
        let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).expect(&log)).collect();
        let [line] = lines.as_slice() else { panic!("{} lines: {log}", lines.len()) };
        assert_eq!(line["level"], "ERROR");
        assert_eq!(line["panic"], "two\nlines of text");
        assert!(line["location"].as_str().unwrap().starts_with(file!()), "{line}");
    }
}

//! Stopping the program: it completes what it has acknowledged.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::{
    mail::server::SmtpServer,
    support::{eventually, folder},
};

/// Returns the answer of the embedded store in this folder to a query for a number.
fn ask(folder: &Path, query: &'static str) -> i64 {
    block_on(asked(folder, query))
}

async fn asked(folder: &Path, query: &'static str) -> i64 {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("data/doorstep.db"));
    let mut file = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
    sqlx::query_scalar(query).fetch_one(&mut file).await.unwrap()
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn n32_a_stop_finishes_the_mails_that_are_being_sent_and_releases_the_others() {
    let folder = folder();
    let server = SmtpServer::start(&json!({ "seconds": 2 }));
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let variables = [("SMTP_URL", url.as_str()), ("MAIL_FROM", "hello@tea.test"), ("RATE_LIMITS", "off")];
    let mut serving = Serving::start(folder.path(), &variables);
    for number in 0..20 {
        let form = json!({ "name": "Ada", "email": format!("{number}@x.test"), "password": "seven tall herons" });
        serving.post("/api/auth/signup", "", &form.to_string()).unwrap();
    }
    let leased = "SELECT count(*) FROM outbox WHERE due_at > (unixepoch() + 60) * 1000";
    let more_than_are_sent_at_once = async || asked(folder.path(), leased).await > 4;
    block_on(eventually(Duration::from_secs(20), "no more mails were claimed", more_than_are_sent_at_once));
    assert_eq!(serving.terminate(), Some(0));
    let left = ask(folder.path(), "SELECT count(*) FROM outbox");
    let sent = server.messages().len();
    assert_eq!(left + i64::try_from(sent).unwrap(), 20, "a mail was sent and not removed");
    assert!(left > 0, "there was nothing to hold back");
    // A mail whose sending failed waits for a few seconds.
    assert_eq!(ask(folder.path(), leased), 0, "mails wait for the end of a lease");
}

#[test]
fn n19_a_reset_that_was_answered_is_written_before_the_program_ends() {
    let folder = folder();
    let nobody = free_port();
    let url = format!("smtp://127.0.0.1:{nobody}");
    let variables = [
        ("SMTP_URL", url.as_str()),
        ("MAIL_FROM", "hello@tea.test"),
        ("REQUIRE_VERIFIED_EMAIL", "off"),
        ("RATE_LIMITS", "off"),
    ];
    let mut serving = Serving::start(folder.path(), &variables);
    serving.sign_up();
    let mut streams: Vec<_> = (0..20)
        .map(|_| {
            let body = r#"{"email":"ada@x.test"}"#;
            let mut stream = TcpStream::connect(("127.0.0.1", serving.port)).unwrap();
            let request = format!(
                "POST /api/auth/forgot-password HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    let mut answered = 0;
    // The first response has arrived. The others are being computed.
    let mut first = String::new();
    streams.remove(0).read_to_string(&mut first).unwrap();
    answered += usize::from(first.starts_with("HTTP/1.1 20"));
    assert_eq!(serving.terminate(), Some(0));
    for mut stream in streams {
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answered += usize::from(answer.starts_with("HTTP/1.1 20"));
    }
    assert!(answered > 0, "{first}");
    let files: Vec<_> =
        std::fs::read_dir(folder.path().join("data")).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(!files.iter().any(|file| file.to_str().unwrap().ends_with("-wal")), "the store was closed: {files:?}");
    let written = ask(folder.path(), "SELECT count(*) FROM outbox WHERE letter LIKE '%reset_password%'");
    assert_eq!(usize::try_from(written).unwrap(), answered);
}

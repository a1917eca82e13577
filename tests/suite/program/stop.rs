//! Stopping the program: it completes what it has acknowledged.

use super::*;
use crate::support::folder;

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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let written = runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("data/doorstep.db"));
        let mut file = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
        let count = "SELECT count(*) FROM outbox WHERE letter LIKE '%reset_password%'";
        sqlx::query_scalar::<_, i64>(count).fetch_one(&mut file).await.unwrap()
    });
    assert_eq!(usize::try_from(written).unwrap(), answered);
}

//! The program with a low limit of open files.

use super::*;
use crate::support::folder;

/// Opens idle connections.
fn idle(serving: &Serving, count: usize) -> Vec<TcpStream> {
    (0..count).map(|_| TcpStream::connect(("127.0.0.1", serving.port)).unwrap()).collect()
}

/// Sends the head of a request, and returns the status of the response.
fn status(stream: &mut TcpStream, request: &str) -> String {
    stream.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn n12_the_limit_of_open_files_is_raised_as_far_as_the_system_allows() {
    let folder = folder();
    let serving = Serving::start_limited(folder.path(), &[], "ulimit -S -n 100; ulimit -H -n 1000");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", serving.id())).unwrap();
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    assert_eq!(files.split_whitespace().skip(3).take(2).collect::<Vec<_>>(), ["1000", "1000"]);
    let _idle = idle(&serving, 300);
    assert!(serving.get("/login", "").starts_with("HTTP/1.1 200"));
}

#[test]
fn n12_connections_leave_enough_open_files_for_the_stores() {
    let folder = folder();
    let serving = Serving::start_limited(folder.path(), &[], "ulimit -n 120");
    let mut kept = TcpStream::connect(("127.0.0.1", serving.port)).unwrap();
    assert_eq!(status(&mut kept, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"), "HTTP/1.1 200");
    // Not all are accepted. The rest fits in the system's queue.
    let _idle = idle(&serving, 120);
    // Discards the rest of the first response.
    kept.set_nonblocking(true).unwrap();
    let _ = kept.read(&mut [0; 10_000]);
    kept.set_nonblocking(false).unwrap();
    let body = r#"{"name":"Ada","email":"ada@x.test","password":"seven tall herons"}"#;
    let request = format!(
        "POST /api/auth/signup HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(status(&mut kept, &request), "HTTP/1.1 201");
}

//! Connections of misbehaving and of many clients.

use axum::{body::to_bytes, routing::any};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::oneshot,
    task::JoinHandle,
};

use super::*;
use crate::web::head_deadline::HEAD;

/// Starts a server with one page. Returns its address, its stop signal and its task.
async fn server(page: &'static str) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    server_with(page, MOST_CONNECTIONS).await
}

/// Starts a server whose responses take this long.
async fn server_that_takes(time: Duration) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    serving("here", MOST_CONNECTIONS, time).await
}

/// Starts a server with this limit of simultaneous connections.
async fn server_with(page: &'static str, most: usize) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    serving(page, most, Duration::ZERO).await
}

async fn serving(page: &'static str, most: usize, time: Duration) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let answer = move |body: Body| async move {
        to_bytes(body, usize::MAX).await.unwrap();
        tokio::time::sleep(time).await;
        page
    };
    let app = Router::new().route("/", any(answer));
    let limits = ConnectionLimits { total: most, ..ConnectionLimits::for_customers(None, Vec::new()) };
    let served = tokio::spawn(serve(listener, app, limits, async { drop(stopped.await) }));
    (address, stop, served)
}

async fn until_closed(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    // A reset also ends the connection.
    let _ = stream.read_to_end(&mut said).await;
    String::from_utf8_lossy(&said).into_owned()
}

#[test]
fn n12_some_of_the_allowed_open_files_are_reserved_for_stores() {
    for (open_files, connections) in
        [(None, 20_000), (Some(65_536), 20_000), (Some(4096), 3584), (Some(1024), 512), (Some(64), 32), (Some(0), 0)]
    {
        assert_eq!(ConnectionLimits::for_customers(open_files, Vec::new()).total, connections, "{open_files:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn n12_failures_to_accept_are_logged_once_a_minute_with_their_number() {
    let mut failures = AcceptFailures::default();
    let mut logged = Vec::new();
    for _ in 0..1200 {
        logged.extend(failures.add());
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
    assert_eq!(logged, [1, 600]);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_nothing_is_disconnected() {
    let (address, _stop, _) = server("here").await;
    let stream = TcpStream::connect(address).await.unwrap();
    let begun = Instant::now();
    until_closed(stream).await;
    assert!((HEAD..=IDLE + STALLED).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn n12_an_unfinished_head_has_a_shorter_deadline_than_an_idle_connection() {
    let (address, _stop, _) = server("here").await;
    for beginning in ["G", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        // On a new connection, and after a request on the same connection.
        for earlier in ["", "GET / HTTP/1.1\r\nhost: x\r\n\r\n"] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            if !earlier.is_empty() {
                stream.write_all(earlier.as_bytes()).await.unwrap();
                let mut answer = [0; 1000];
                assert!(stream.read(&mut answer).await.unwrap() > 0);
                tokio::time::sleep(IDLE * 2 / 3).await;
            }
            stream.write_all(beginning.as_bytes()).await.unwrap();
            let begun = Instant::now();
            until_closed(stream).await;
            assert!(begun.elapsed() <= HEAD + Duration::from_secs(1), "{beginning:?} {:?}", begun.elapsed());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn n12_a_head_that_comes_byte_by_byte_gets_no_extra_time() {
    let (address, _stop, _) = server("here").await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let begun = Instant::now();
    let head = "GET / HTTP/1.1\r\nhost: x\r\nx-slow: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy";
    for byte in head.as_bytes() {
        if stream.write_all(&[*byte]).await.is_err() {
            break;
        }
        tokio::time::sleep(HEAD / 5).await;
        if !matches!(stream.try_read(&mut [0; 100]), Err(error) if error.kind() == io::ErrorKind::WouldBlock) {
            break;
        }
    }
    assert!(begun.elapsed() <= HEAD + HEAD / 2, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn n12_a_body_may_come_later_than_a_head() {
    let (address, _stop, _) = server("here").await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 6\r\n\r\n").await.unwrap();
    for _ in 0..6 {
        tokio::time::sleep(HEAD / 2).await;
        stream.write_all(b"x").await.unwrap();
    }
    assert!(until_closed(stream).await.ends_with("here"));
}

#[tokio::test(start_paused = true)]
async fn n12_a_connection_over_the_limit_waits_for_a_free_place() {
    let (address, _stop, _) = server_with("here", 2).await;
    let connect = async || {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        stream
    };
    let answers = async |stream: &mut TcpStream| {
        let mut answer = [0; 1000];
        tokio::time::timeout(Duration::from_secs(1), stream.read(&mut answer)).await.is_ok()
    };
    let [mut one, mut two, mut three] = [connect().await, connect().await, connect().await];
    assert!(answers(&mut one).await && answers(&mut two).await);
    assert!(!answers(&mut three).await, "it waits for a place");
    drop(one);
    assert!(answers(&mut three).await);
}

#[tokio::test(start_paused = true)]
async fn n12_a_client_that_closes_its_side_after_a_whole_request_gets_the_answer() {
    let (address, _stop, _) = server_that_takes(Duration::from_secs(1)).await;
    for request in
        ["GET / HTTP/1.1\r\nhost: x\r\n\r\n", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\n\r\nxxxxxx"]
    {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let begun = Instant::now();
        assert!(until_closed(stream).await.ends_with("here"), "{request}");
        assert!(begun.elapsed() < HEAD, "nothing more is waited for: {:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn n12_a_client_that_closes_its_side_before_its_request_is_complete_is_disconnected() {
    let (address, _stop, _) = server("here").await;
    for beginning in ["", "GET / HTTP/1.1\r\nhost: x\r\n", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\n\r\nxxx"]
    {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let begun = Instant::now();
        assert!(!until_closed(stream).await.ends_with("here"), "{beginning:?}");
        assert!(begun.elapsed() <= HEAD, "{beginning:?} {:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn n12_an_idle_connection_is_kept_longer_than_a_head_may_take() {
    let (address, _stop, _) = server("here").await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    for _ in 0..3 {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut answer = [0; 1000];
        assert!(stream.read(&mut answer).await.unwrap() > 0);
        tokio::time::sleep(IDLE * 14 / 15).await;
    }
}

#[tokio::test]
async fn n12_a_head_of_16_kb_is_read_and_an_endless_one_is_answered_431_without_being_kept() {
    let (address, _stop, _) = server("here").await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("GET / HTTP/1.1\r\nhost: x\r\ncookie: {}\r\nconnection: close\r\n\r\n", "x".repeat(16 * 1024));
    stream.write_all(head.as_bytes()).await.unwrap();
    assert!(until_closed(stream).await.starts_with("HTTP/1.1 200"));

    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}", "x".repeat(MAX_HEAD)).as_bytes())
        .await
        .unwrap();
    assert!(until_closed(stream).await.starts_with("HTTP/1.1 431"));

    // A complete head that is too large by one byte. The system may pass it on at once.
    for (length, status) in [(MAX_HEAD, "200"), (MAX_HEAD + 1, "431"), (MAX_HEAD + 10_000, "431")] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let (start, end) = ("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-long: ", "\r\n\r\n");
        let head = format!("{start}{}{end}", "x".repeat(length - start.len() - end.len()));
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = until_closed(stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{length}: {answer}");
    }

    let mut stream = TcpStream::connect(address).await.unwrap();
    let many = "x-many: y\r\n".repeat(101);
    stream.write_all(format!("GET / HTTP/1.1\r\n{many}\r\n").as_bytes()).await.unwrap();
    assert!(until_closed(stream).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_of_an_answer_is_disconnected() {
    // More than the system buffers for a connection.
    let page = "x".repeat(64 * 1024 * 1024).leak();
    let (address, _stop, _) = server(page).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    stream.readable().await.unwrap();
    tokio::time::sleep(STALLED * 2).await;
    assert!(until_closed(stream).await.len() < page.len());
}

#[tokio::test]
async fn a_request_in_progress_is_answered_before_the_server_stops() {
    let (address, stop, served) = server("here").await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.unwrap();
    stop.send(()).unwrap();
    assert!(until_closed(stream).await.ends_with("here"));
    served.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "no other client is let in");
}

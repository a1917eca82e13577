//! Connections: takes them in, no more than the program can bear, and gives each its deadlines. `axum::serve` knows neither
//! bounds nor deadlines.
//!
//! They speak HTTP/1.1, as proxies do to what is behind them. To tell HTTP/2 without TLS from it would cost each connection
//! a third more memory.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use futures_util::{FutureExt, TryFutureExt};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use ipnet::IpNet;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_io_timeout::TimeoutWriter;
use tower::ServiceExt;

use super::{
    head_deadline::{AnswerBody, HeadDeadline, Progress},
    peers::{PeerConnection, Peers},
};
use crate::telemetry::metrics::Counted;

/// How many connections there may be at once; whoever comes then waits in the system's queue.
pub const MOST_CONNECTIONS: usize = 20_000;

/// How long a client may say nothing: between two requests, or before the first. Longer than what proxies keep a connection
/// for without using it, so that it is them who close it. Once a head has begun, it has [`head_deadline::HEAD`].
const IDLE: Duration = Duration::from_secs(75);

/// The most of a request that is buffered, in bytes: a larger head is answered 431. Proxies pass on 8 to 32 kB, and browsers
/// have far fewer cookies.
const MAX_BUFFER: usize = 32 * 1024;

/// How long a client may take nothing of an answer.
const STALLED: Duration = Duration::from_secs(20);

/// How long to wait when the system has no more to give: descriptors, say.
const BREATH: Duration = Duration::from_millis(100);

/// Serves `app` to whoever connects, until `stop`; then finishes what is being answered. Only `trusted_proxies` and this
/// machine may have more than 256 connections each.
pub async fn serve(listener: TcpListener, app: Router, trusted_proxies: Vec<IpNet>, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    serve_within(listener, app, Peers::new(trusted_proxies), places, stop).await;
}

async fn serve_within(
    listener: TcpListener,
    app: Router,
    peers: Arc<Peers>,
    places: Arc<Semaphore>,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, client, place)) => {
                if let Some(counted) = peers.admit(client.ip()) {
                    serve_one(stream, client, (place, counted), app.clone(), &graceful);
                }
            }
            // The next one may still succeed: that client was gone already, or the system is out of something.
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection could not be taken");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    // Nobody else is let in while those inside are served.
    drop(listener);
    graceful.shutdown().await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, client) = listener.accept().await?;
    // Answers are small and whole; waiting to fill a packet only delays them.
    stream.set_nodelay(true)?;
    Ok((stream, client, place))
}

fn serve_one(
    stream: TcpStream,
    client: SocketAddr,
    places: (OwnedSemaphorePermit, PeerConnection),
    app: Router,
    graceful: &GracefulShutdown,
) {
    let progress = Progress::default();
    let mut stream = TimeoutWriter::new(HeadDeadline::new(stream, progress.clone()));
    stream.set_timeout(Some(STALLED));
    // What answers a request is put apart, so that a connection without one has no room for it.
    let service = service_fn(move |request: Request<Incoming>| {
        let answering = progress.begin();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(client));
        let answer = app.clone().oneshot(request);
        Box::pin(answer.map_ok(|response| response.map(|body| AnswerBody::new(body, answering))))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .max_buf_size(MAX_BUFFER)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let counted = (places, Counted::connection());
    // Not within an async block, which would have room for the connection twice.
    tokio::spawn(graceful.watch(connection).map(move |ended| {
        drop(counted);
        if let Err(error) = ended {
            tracing::debug!(error = &error as &dyn std::error::Error, "a connection ended early");
        }
    }));
}

#[cfg(test)]
mod tests {
    use axum::{body::to_bytes, routing::any};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::oneshot,
        task::JoinHandle,
        time::Instant,
    };

    use super::*;
    use crate::web::head_deadline::HEAD;

    /// A server of one page, and how to stop it.
    async fn server(page: &'static str) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        server_with(page, MOST_CONNECTIONS).await
    }

    /// The same for so many connections at once.
    async fn server_with(page: &'static str, most: usize) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let answer = move |body: Body| async move {
            to_bytes(body, usize::MAX).await.unwrap();
            page
        };
        let app = Router::new().route("/", any(answer));
        let (peers, places) = (Peers::new(Vec::new()), Arc::new(Semaphore::new(most)));
        let served = tokio::spawn(serve_within(listener, app, peers, places, async { drop(stopped.await) }));
        (address, stop, served)
    }

    async fn until_closed(mut stream: TcpStream) -> String {
        let mut said = Vec::new();
        // A reset is an end, too.
        let _ = stream.read_to_end(&mut said).await;
        String::from_utf8_lossy(&said).into_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_says_nothing_is_cut_off() {
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
            // At once, and after a request was answered.
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
    async fn n12_a_head_that_comes_byte_by_byte_has_no_more_time() {
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
        stream
            .write_all(b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 6\r\n\r\n")
            .await
            .unwrap();
        for _ in 0..6 {
            tokio::time::sleep(HEAD / 2).await;
            stream.write_all(b"x").await.unwrap();
        }
        assert!(until_closed(stream).await.ends_with("here"));
    }

    #[tokio::test(start_paused = true)]
    async fn n12_there_are_no_more_connections_at_once_than_there_are_places() {
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
        let head =
            format!("GET / HTTP/1.1\r\nhost: x\r\ncookie: {}\r\nconnection: close\r\n\r\n", "x".repeat(16 * 1024));
        stream.write_all(head.as_bytes()).await.unwrap();
        assert!(until_closed(stream).await.starts_with("HTTP/1.1 200"));

        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}", "x".repeat(MAX_BUFFER)).as_bytes())
            .await
            .unwrap();
        assert!(until_closed(stream).await.starts_with("HTTP/1.1 431"));

        let mut stream = TcpStream::connect(address).await.unwrap();
        let many = "x-many: y\r\n".repeat(101);
        stream.write_all(format!("GET / HTTP/1.1\r\n{many}\r\n").as_bytes()).await.unwrap();
        assert!(until_closed(stream).await.starts_with("HTTP/1.1 431"));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_takes_nothing_of_an_answer_is_cut_off() {
        // More than the system keeps on the way for one of them.
        let page = "x".repeat(64 * 1024 * 1024).leak();
        let (address, _stop, _) = server(page).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        stream.readable().await.unwrap();
        tokio::time::sleep(STALLED * 2).await;
        assert!(until_closed(stream).await.len() < page.len());
    }

    #[tokio::test]
    async fn what_is_being_answered_when_it_is_stopped_is_answered() {
        let (address, stop, served) = server("here").await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut first = [0; 15];
        stream.read_exact(&mut first).await.unwrap();
        stop.send(()).unwrap();
        assert!(until_closed(stream).await.ends_with("here"));
        served.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err(), "nobody else is let in");
    }
}

//! Accepts connections, up to a limit, and applies deadlines to each. `axum::serve` supports neither.
//!
//! Connections use HTTP/1.1, as proxies do for their upstream servers. Detecting HTTP/2 without TLS would increase the
//! memory of each connection by a third.

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
    time::Instant,
};
use tokio_io_timeout::TimeoutWriter;
use tower::ServiceExt;

use super::{
    head_deadline::{AnswerBody, HeadDeadline, Progress},
    peers::{PeerConnection, Peers},
};
use crate::telemetry::metrics::Counted;

/// The maximum number of simultaneous customer connections. Others wait in the system's queue.
const MOST_CONNECTIONS: usize = 20_000;

/// The number of open files reserved for everything except customer connections: stores, mail servers, metrics, the
/// log.
const RESERVED_FILES: usize = 512;

/// The maximum number of connections per peer: 40 browsers with six connections each behind one address.
const MOST_OF_ONE_PEER: usize = 256;

/// How long a connection can be idle, before the first request or between two. This is longer than the keep-alive
/// timeout of proxies, so that they close the connection. Once a request head has begun, [`head_deadline::HEAD`]
/// applies.
const IDLE: Duration = Duration::from_secs(75);

/// The maximum size of a request head, in bytes: a larger one gets a 431, and so does one with more than 100 headers.
/// Proxies accept heads of 8 to 32 kB, and browsers send far fewer cookies. The read buffer has the same size, but may
/// grow over it.
const MAX_HEAD: usize = 32 * 1024;

/// How long a client can stop reading the response.
const STALLED: Duration = Duration::from_secs(20);

/// How long to wait after a failure to accept a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The minimum time between two log lines about failures to accept connections.
const FAILURE_LOG_INTERVAL: Duration = Duration::from_mins(1);

/// The maximum number of connections of a server.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    /// The total. Further connections wait in the system's queue.
    pub total: usize,
    /// The number per peer, which is an IPv4 address or an IPv6 /64. This machine and the trusted proxies have no such
    /// limit.
    pub per_peer: usize,
    /// The networks without a limit per peer.
    pub trusted_proxies: Vec<IpNet>,
}

impl ConnectionLimits {
    /// Returns the limits for customers in a process that can open this many files; `None` means unlimited.
    #[must_use]
    pub fn for_customers(open_files: Option<u64>, trusted_proxies: Vec<IpNet>) -> Self {
        let open_files = open_files.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX));
        let unreserved = open_files - RESERVED_FILES.min(open_files / 2);
        Self { total: unreserved.min(MOST_CONNECTIONS), per_peer: MOST_OF_ONE_PEER, trusted_proxies }
    }
}

/// Serves `app` until `stop` resolves, then finishes the requests in progress.
pub async fn serve(listener: TcpListener, app: Router, limits: ConnectionLimits, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(limits.total));
    let peers = Peers::new(limits.trusted_proxies, limits.per_peer);
    let graceful = GracefulShutdown::new();
    let mut failures = AcceptFailures::default();
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
            // The next one may succeed: the client may have disconnected, or the system is short of a resource.
            Err(error) => {
                if let Some(count) = failures.add() {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        count,
                        "connections could not be accepted"
                    );
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    // Accept no new connections during the shutdown.
    drop(listener);
    graceful.shutdown().await;
}

/// Counts connections that could not be accepted, so that the log reports them in intervals.
#[derive(Default)]
struct AcceptFailures {
    unlogged: u64,
    logged_at: Option<Instant>,
}

impl AcceptFailures {
    /// Counts a failure. If a report is due, returns the number of failures since the previous report.
    fn add(&mut self) -> Option<u64> {
        self.unlogged += 1;
        if self.logged_at.is_some_and(|at| at.elapsed() < FAILURE_LOG_INTERVAL) {
            return None;
        }
        self.logged_at = Some(Instant::now());
        Some(std::mem::take(&mut self.unlogged))
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, client) = listener.accept().await?;
    // Responses are small and written at once, so waiting for a full packet only delays them.
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
    // The future of a request is boxed, so that an idle connection does not reserve memory for it.
    let service = service_fn(move |request: Request<Incoming>| {
        let answering = progress.begin();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(client));
        let answer = app.clone().oneshot(request);
        Box::pin(answer.map_ok(|response| response.map(|body| AnswerBody::new(body, answering))))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // A client that has closed its writing side can still read the response.
        .half_close(true)
        .header_read_timeout(IDLE)
        .max_buf_size(MAX_HEAD)
        .max_header_size(MAX_HEAD)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let counted = (places, Counted::connection());
    // Not in an async block, which would reserve memory for the connection twice.
    tokio::spawn(graceful.watch(connection).map(move |ended| {
        drop(counted);
        if let Err(error) = ended {
            tracing::debug!(error = &error as &dyn std::error::Error, "a connection ended early");
        }
    }));
}

#[cfg(test)]
mod tests;

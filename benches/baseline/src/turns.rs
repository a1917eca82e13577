//! Sends requests that differ: each connection takes the next line of a file, repeatedly.

use std::{
    error::Error,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    task::JoinSet,
    time::{Instant, timeout_at},
};

/// How long the last responses may take after the end, in seconds.
const TIMEOUT: u64 = 10;

/// A placeholder in a body that is replaced by a different number each time.
const NUMBER: &str = "%";

type Fault = Box<dyn Error + Send + Sync>;

/// The target and the content of the requests.
struct Turns {
    host: String,
    path: String,
    method: Method,
    lines: Vec<String>,
    /// The number of requests sent.
    sent: AtomicUsize,
    /// A number that is unique to this run.
    run: u128,
}

/// Keeps `connections` busy for `seconds`. A GET sends the line as its cookies, any other request as its JSON body.
/// Every response must be a success. Prints the requests per second, their total, and the 99th percentile of their
/// duration in seconds.
#[tokio::main(flavor = "current_thread")]
pub async fn take(
    (host, method, path): (&str, &str, &str),
    file: &Path,
    connections: usize,
    seconds: u64,
) -> Result<(), Box<dyn Error>> {
    let turns = Arc::new(Turns {
        host: host.to_owned(),
        path: path.to_owned(),
        method: method.parse()?,
        lines: fs::read_to_string(file)?.lines().map(str::to_owned).collect(),
        sent: AtomicUsize::new(0),
        run: SystemTime::UNIX_EPOCH.elapsed()?.as_millis(),
    });
    let mut opened = Vec::new();
    for _ in 0..connections {
        opened.push(connect(host).await.map_err(|fault| fault.to_string())?);
    }
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let mut running: JoinSet<_> = opened.into_iter().map(|opened| turns.clone().until(end, opened)).collect();
    let mut latencies = Vec::new();
    while let Some(of_one) = running.join_next().await {
        latencies.extend(of_one?.map_err(|fault| fault.to_string())?);
    }
    let rate = latencies.len() as f64 / start.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let p99 = latencies.get(latencies.len() * 99 / 100).ok_or("there was no answer")?;
    println!("{rate} {} {}", latencies.len(), p99.as_secs_f64());
    Ok(())
}

async fn connect(host: &str) -> Result<SendRequest<Full<Bytes>>, Fault> {
    let stream = TcpStream::connect(host).await?;
    stream.set_nodelay(true)?;
    let (connection, driver) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(driver);
    Ok(connection)
}

impl Turns {
    async fn until(
        self: Arc<Self>,
        end: Instant,
        mut connection: SendRequest<Full<Bytes>>,
    ) -> Result<Vec<Duration>, Fault> {
        let mut latencies = Vec::new();
        while Instant::now() < end {
            let asked = Instant::now();
            timeout_at(end + Duration::from_secs(TIMEOUT), self.send_next(&mut connection)).await??;
            latencies.push(asked.elapsed());
        }
        Ok(latencies)
    }

    async fn send_next(&self, connection: &mut SendRequest<Full<Bytes>>) -> Result<(), Fault> {
        let turn = self.sent.fetch_add(1, Ordering::Relaxed);
        let line = self.lines.get(turn % self.lines.len().max(1)).ok_or("the file is empty")?;
        let request = Request::builder().method(&self.method).uri(&self.path).header(header::HOST, &self.host);
        let request = if self.method == Method::GET {
            request.header(header::COOKIE, line).body(Full::default())
        } else {
            let line = line.replace(NUMBER, &format!("{}x{turn}", self.run));
            request.header(header::CONTENT_TYPE, "application/json").body(Full::from(line))
        };
        let answer = connection.send_request(request?).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if status.is_success() {
            return Ok(());
        }
        Err(format!("{} answered {status}: {}", self.path, String::from_utf8_lossy(&body)).into())
    }
}

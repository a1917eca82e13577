//! Refreshes sessions repeatedly, each with the cookies of the previous response, as browsers do.

use std::{error::Error, fmt::Write, fs, path::Path, time::Duration};

use axum::http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Empty};
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

type Fault = Box<dyn Error + Send + Sync>;

/// A browser with the cookies of one session.
struct Browser {
    connection: SendRequest<Empty<Bytes>>,
    host: String,
    cookies: Vec<(String, String)>,
    latencies: Vec<Duration>,
}

/// Keeps one connection busy for each line of the file, which has the cookies of one session, for `seconds`. Prints the
/// refreshes per second, their total, and the 99th percentile of their duration in seconds. Writes the cookies of the
/// last responses to the file.
#[tokio::main(flavor = "current_thread")]
pub async fn refresh(host: &str, path: &str, file: &Path, seconds: u64) -> Result<(), Box<dyn Error>> {
    let mut browsers = Vec::new();
    for line in fs::read_to_string(file)?.lines() {
        browsers.push(Browser::connect(host, line).await.map_err(|fault| fault.to_string())?);
    }
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let mut running: JoinSet<_> =
        browsers.into_iter().map(|browser| browser.refresh_until(end, path.to_owned())).collect();
    let mut cookies = String::new();
    let mut latencies = Vec::new();
    while let Some(browser) = running.join_next().await {
        let browser = browser?.map_err(|fault| fault.to_string())?;
        latencies.extend_from_slice(&browser.latencies);
        writeln!(cookies, "{}", browser.header())?;
    }
    let rate = latencies.len() as f64 / start.elapsed().as_secs_f64();
    fs::write(file, cookies)?;
    latencies.sort_unstable();
    let p99 = latencies.get(latencies.len() * 99 / 100).ok_or("there was no answer")?;
    println!("{rate} {} {}", latencies.len(), p99.as_secs_f64());
    Ok(())
}

impl Browser {
    async fn connect(host: &str, cookies: &str) -> Result<Self, Fault> {
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        let (connection, driver) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(driver);
        let mut browser = Self { connection, host: host.to_owned(), cookies: Vec::new(), latencies: Vec::new() };
        for cookie in cookies.split("; ") {
            browser.keep(cookie)?;
        }
        Ok(browser)
    }

    fn keep(&mut self, cookie: &str) -> Result<(), Fault> {
        let (name, value) = cookie.split_once('=').ok_or("a cookie without a value")?;
        self.cookies.retain(|(kept, _)| kept != name);
        self.cookies.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    fn header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    async fn refresh_until(mut self, end: Instant, path: String) -> Result<Self, Fault> {
        while Instant::now() < end {
            let asked = Instant::now();
            timeout_at(end + Duration::from_secs(TIMEOUT), self.refresh(&path)).await??;
            self.latencies.push(asked.elapsed());
        }
        Ok(self)
    }

    async fn refresh(&mut self, path: &str) -> Result<(), Fault> {
        let request = Request::post(path)
            .header(header::HOST, &self.host)
            .header(header::COOKIE, self.header())
            .body(Empty::new())?;
        let answer = self.connection.send_request(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(format!("{path} answered {}", answer.status()).into());
        }
        let (head, body) = answer.into_parts();
        body.collect().await?;
        let before = self.header();
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str()?.split(';').next().unwrap_or_default())?;
        }
        if self.header() == before { Err("the cookies stayed as they were".into()) } else { Ok(()) }
    }
}

//! Baselines for `script/bench`: a server that only sends bytes, bcrypt alone, and mail with lettre alone. Also
//! generates the loads that other tools cannot: refreshes, and requests that all differ.

mod mail;
mod refresh;
mod turns;

use std::{
    env,
    error::Error,
    fs,
    path::Path,
    process, thread,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue},
    routing::get,
    serve::ListenerExt,
};
use tokio::net::TcpListener;

const USAGE: &str = "usage: baseline serve PORT FILE | baseline bcrypt COST SECONDS | baseline mail PORT COUNT | \
                     baseline refresh HOST PATH FILE SECONDS | \
                     baseline turns HOST METHOD PATH FILE CONNECTIONS SECONDS";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", port, file] => serve(port.parse()?, &fs::read(file)?),
        ["bcrypt", cost, seconds] => verify(cost.parse()?, Duration::from_secs(seconds.parse()?)),
        ["mail", port, count] => mail::send(port.parse()?, count.parse()?),
        ["refresh", host, path, file, seconds] => refresh::refresh(host, path, Path::new(file), seconds.parse()?),
        ["turns", host, method, path, file, connections, seconds] => {
            turns::take((host, method, path), Path::new(file), connections.parse()?, seconds.parse()?)
        }
        _ => {
            eprintln!("{USAGE}");
            process::exit(2);
        }
    }
}

/// Answers every GET with `answer`: headers, an empty line, the body.
#[tokio::main]
async fn serve(port: u16, answer: &[u8]) -> Result<(), Box<dyn Error>> {
    let end = answer.windows(2).position(|pair| pair == b"\n\n").ok_or("there is no empty line")?;
    let headers: HeaderMap = str::from_utf8(&answer[..end])?
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| Ok((name.parse::<HeaderName>()?, value.parse::<HeaderValue>()?)))
        .collect::<Result<_, Box<dyn Error>>>()?;
    let body = Bytes::copy_from_slice(&answer[end + 2..]);
    let app = Router::new().fallback(get(async move || (headers, body)));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    Ok(axum::serve(listener, app).await?)
}

/// Verifies a password repeatedly on every core, and prints the rate per second.
fn verify(cost: u32, duration: Duration) -> Result<(), Box<dyn Error>> {
    let hash = bcrypt::hash("correct horse battery staple", cost)?;
    let start = Instant::now();
    let rate = || {
        let mut verified = 0;
        while start.elapsed() < duration {
            assert_eq!(bcrypt::verify("correct horse battery staple", &hash).ok(), Some(true));
            verified += 1;
        }
        f64::from(verified) / start.elapsed().as_secs_f64()
    };
    let rate: f64 = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..thread::available_parallelism().map_or(1, usize::from)).map(|_| scope.spawn(rate)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(0.0)).sum()
    });
    println!("{rate}");
    Ok(())
}

//! `doorstep healthcheck`: asks the instance on this machine if it is ready. For container images, which have no shell.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use axum::{body::Bytes, http::StatusCode};
use doorstep::config::{Config, ServerConfig};
use http_body_util::{BodyExt, Empty};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::time::timeout;

use super::{Done, Refusal};

/// The time limit. `/readyz` answers sooner, even if a store does not answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Returns `Ok` if the instance is ready.
///
/// # Errors
/// If the instance cannot be reached, or its own message if it is not ready.
pub async fn healthcheck(config: Config) -> Done {
    let address = address_of(&config.server);
    let asked = timeout(TIMEOUT, ask(address)).await.map_err(|_| "no response in time".into()).flatten();
    asked.map_err(|error| Refusal(format!("not ready at {address}: {error}")).into())
}

/// Returns the address at which an instance with this configuration listens.
fn address_of(server: &ServerConfig) -> SocketAddr {
    let host = match server.host {
        IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        host => host,
    };
    (host, server.port).into()
}

async fn ask(address: SocketAddr) -> Done {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let answer = client.get(format!("http://{address}/readyz").parse()?).await?;
    if answer.status() == StatusCode::OK {
        return Ok(());
    }
    let reason = answer.into_body().collect().await?.to_bytes();
    Err(String::from_utf8_lossy(&reason).into())
}

//! `doorstep healthcheck`: asks the instance on this machine whether it is ready, for whoever watches over it from within
//! an image that has no shell to ask with.

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

/// Longer than `/readyz` takes when a store is silent.
const PATIENCE: Duration = Duration::from_secs(5);

/// Does nothing more when it is ready.
///
/// # Errors
/// That it is not there, or not ready, in its own words.
pub async fn healthcheck(config: Config) -> Done {
    let address = address_of(&config.server);
    let asked = timeout(PATIENCE, ask(address)).await.map_err(|_| "no answer in time".into()).flatten();
    asked.map_err(|error| Refusal(format!("not ready at {address}: {error}")).into())
}

/// Where the instance listens that has this configuration.
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

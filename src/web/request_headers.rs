//! All request headers that the program reads, in one list, so that the fuzzer covers every one.

use std::net::{Ipv4Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request},
    http::HeaderMap,
};

use super::{
    assets, client_address,
    client_address::TrustedProxies,
    cookies::AuthCookies,
    edge::{self, body::Kind},
};
use crate::{accounts::Client, api::ErrorCode, telemetry::traces};

/// The headers that are read, by this program or by a library for it.
pub const READ: [&str; 17] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "if-none-match",
    "origin",
    "referer",
    "sec-fetch-site",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "user-agent",
    "x-forwarded-for",
];

/// The values that were read from the headers.
pub struct Understood {
    /// The client, if the peer and all of 10.0.0.0/8 are trusted proxies.
    pub client: Client,
    pub wants_page: bool,
    /// True if a file is sent without an encoding, or not at all.
    pub is_plain: bool,
    pub kind: Result<Kind, ErrorCode>,
    /// The cookies that are passed on: only our own.
    pub cookies: HeaderMap,
}

/// Reads all headers of a request with the code that the program uses.
#[must_use]
pub fn read(headers: HeaderMap) -> Understood {
    let mut request = Request::new(());
    *request.headers_mut() = headers;
    let peer = SocketAddr::from((Ipv4Addr::new(10, 0, 0, 1), 40000));
    request.extensions_mut().insert(ConnectInfo(peer));
    let (parts, ()) = request.into_parts();
    let proxies = ipnet::Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8);
    let proxies = TrustedProxies::new(vec![proxies.into()]);
    traces::follow(&parts.headers, &tracing::Span::none());
    let is_plain = assets::negotiate(&parts.headers);
    let mut cookies = parts.headers.clone();
    AuthCookies::new(false).keep_own(&mut cookies);
    Understood {
        is_plain,
        client: client_address::client(&parts, &proxies),
        wants_page: edge::wants_page(&parts.headers),
        kind: Kind::of(&parts.headers),
        cookies,
    }
}

//! Accepts only requests for configured host names. It rejects requests from pages of other sites whose name resolves
//! to this server (DNS rebinding), and requests that a proxy sends under its own name.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header, request::Parts, uri::Scheme},
    middleware::Next,
    response::Response,
};

use super::{AppState, edge, error_page, language};
use crate::{
    api::ErrorCode,
    config::{HostName, PublicUrl},
};

/// The paths that load balancers can request under any name.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];

/// The prefixes of headers that proxies, load balancers and content delivery networks add to requests. Browsers and
/// command line tools send none of them.
const FORWARDING: [&str; 38] = [
    "akamai-",
    "ali-",
    "cdn-",
    "cf-",
    "client-ip",
    "cloudfront-",
    "do-connecting-ip",
    "eagleid",
    "fastly-",
    "fly-",
    "forwarded",
    "ngrok-",
    "proxy-",
    "remote-addr",
    "remote-host",
    "remote-user",
    "tailscale-",
    "true-client-",
    "via",
    "wl-proxy-",
    "x-akamai-",
    "x-amz",
    "x-appengine-",
    "x-arr-",
    "x-azure-",
    "x-client-",
    "x-cloud-",
    "x-cluster-",
    "x-envoy-",
    "x-forward",
    "x-iinfo",
    "x-nf-",
    "x-original-",
    "x-proxy",
    "x-proxied-",
    "x-real-",
    "x-remote-",
    "x-vercel-",
];

/// The maximum number of different names that are logged, because anyone can send any number of them.
const MOST_LOGGED: usize = 8;
/// The maximum length of a logged name, in characters.
const LOGGED_LENGTH: usize = 100;

/// The names that were rejected and logged.
#[derive(Clone, Default)]
pub(super) struct Refused(Arc<Mutex<BTreeSet<String>>>);

/// Returns 421 (RFC 9110, 15.5.20) for a request to another host, 400 for one that does not name exactly one host or
/// has no path, and 405 for `CONNECT`, which is for proxies. All layers behind this one rely on a path.
pub(super) async fn check(
    State((state, refused)): State<(AppState, Refused)>,
    mut request: Request,
    next: Next,
) -> Response {
    let status = match named(&request) {
        _ if request.method() == Method::CONNECT => StatusCode::METHOD_NOT_ALLOWED,
        _ if !has_path(&request) => StatusCode::BAD_REQUEST,
        Err(Malformed) => StatusCode::BAD_REQUEST,
        Ok(name) if HEALTH.contains(&request.uri().path()) || is_ours(&state, name.as_ref(), request.extensions()) => {
            move_host_to_header(&mut request);
            return next.run(request).await;
        }
        Ok(_) => {
            refused.log(&state, &request);
            StatusCode::MISDIRECTED_REQUEST
        }
    };
    let code = ErrorCode::Misdirected;
    let mut response = if edge::wants_page(request.headers()) {
        error_page::respond(&state, language::of(request.headers()), code)
    } else {
        edge::respond(&code.into())
    };
    *response.status_mut() = status;
    response
}

/// Returns true if the request comes from this machine, uses a loopback name, and has no header of a proxy.
pub(super) fn is_local(state: &AppState, parts: &Parts) -> bool {
    let is_forwarding = |name: &str| FORWARDING.iter().any(|start| name.starts_with(start));
    let name = parts.headers.get(header::HOST).and_then(parse);
    is_from_loopback(&parts.extensions)
        && name.is_some_and(|name| name.is_loopback() || is_own_loopback_name(&state.public_url, &name))
        && !parts.headers.keys().any(|name| is_forwarding(name.as_str()))
}

/// Returns true if a loopback `PUBLIC_URL` has this name, which can be any name below `.localhost`.
fn is_own_loopback_name(public_url: &PublicUrl, name: &HostName) -> bool {
    public_url.is_loopback() && is_public(public_url, name)
}

fn is_public(public_url: &PublicUrl, name: &HostName) -> bool {
    public_url.host().is_same(name, if public_url.is_https() { 443 } else { 80 })
}

/// Returns true if the target of a request is a path, with or without a host, or the `*` of `OPTIONS` (RFC 9112, 3.2).
fn has_path(request: &Request) -> bool {
    let uri = request.uri();
    let is_http = uri.scheme().is_none_or(|scheme| [Scheme::HTTP, Scheme::HTTPS].contains(scheme));
    let is_path = uri.path_and_query().is_some_and(|target| target.as_str().starts_with('/'));
    (is_http && is_path) || (request.method() == Method::OPTIONS && uri.path() == "*")
}

/// The error for a request with no host, several hosts, or an invalid one.
struct Malformed;

/// Returns the host of a request (RFC 9112, 3.2 and 3.3), or `None` if HTTP/1.0 names none.
fn named(request: &Request) -> Result<Option<HostName>, Malformed> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (_, Some(_)) => return Err(Malformed),
        (None, None) if request.version() >= Version::HTTP_11 => return Err(Malformed),
        (host, None) => host,
    };
    match (request.uri().authority(), host) {
        // A host in the target takes precedence over the header.
        (Some(authority), _) => HostName::parse(authority.as_str()).map(Some).ok_or(Malformed),
        (None, Some(host)) if !host.is_empty() => parse(host).map(Some).ok_or(Malformed),
        (None, _) => Ok(None),
    }
}

fn parse(host: &HeaderValue) -> Option<HostName> {
    HostName::parse(host.to_str().ok()?)
}

fn is_ours(state: &AppState, name: Option<&HostName>, extensions: &Extensions) -> bool {
    let Some(name) = name else { return false };
    is_public(&state.public_url, name)
        || state.allowed_hosts.iter().any(|allowed| allowed.allows(name))
        || (name.is_loopback() && is_from_loopback(extensions))
}

fn is_from_loopback(extensions: &Extensions) -> bool {
    extensions.get::<ConnectInfo<SocketAddr>>().is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback())
}

/// Moves a host in the target to the header, so that the layers behind this one see only the header.
fn move_host_to_header(request: &mut Request) {
    let uri = request.uri();
    let Some((authority, path)) = uri.authority().zip(uri.path_and_query()) else { return };
    let (host, path) = (HeaderValue::from_str(authority.as_str()), Uri::from(path.clone()));
    if let Ok(host) = host {
        request.headers_mut().insert(header::HOST, host);
        *request.uri_mut() = path;
    }
}

impl Refused {
    /// Logs each of the first few names once: the cause may be a proxy that does not pass on the name.
    fn log(&self, state: &AppState, request: &Request) {
        let host = shown(request.uri(), request.headers());
        let is_new = {
            let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            refused.len() < MOST_LOGGED && refused.insert(host.clone())
        };
        if is_new {
            tracing::warn!(
                host = ?host,
                public_url = state.public_url.origin(),
                "request refused: its Host is not that of PUBLIC_URL. Have the proxy pass on the Host that it was sent, \
                 correct PUBLIC_URL, or add the name to ALLOWED_HOSTS"
            );
        }
    }
}

/// Returns the name in the request, cut for the log.
fn shown(uri: &Uri, headers: &HeaderMap) -> String {
    let header = || headers.get(header::HOST).map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
    let host = uri.authority().map(ToString::to_string).or_else(header).unwrap_or_default();
    host.chars().take(LOGGED_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g3_of_a_long_name_the_beginning_is_logged() {
        let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_str(&"x".repeat(5000)).unwrap())]);
        assert_eq!(shown(&Uri::from_static("/"), &headers), "x".repeat(LOGGED_LENGTH));
    }
}

//! By which host names the server answers: those of its configuration. A page of another site whose name was made to
//! lead here (DNS rebinding) is refused, and so is whatever a proxy sends under a name of its own.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, Uri, Version, header, request::Parts},
    middleware::Next,
    response::Response,
};

use super::{AppState, edge, error_page, language};
use crate::{
    api::ErrorCode,
    config::{HostName, PublicUrl},
};

/// Load balancers ask these by whatever name they like.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];

/// How the headers begin that proxies, load balancers and content delivery networks add to a request. Browsers and command
/// line tools send none of them.
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

/// How many different names are logged. Anybody can send as many as they like.
const MOST_LOGGED: usize = 8;
/// How much of a name is logged, in characters.
const LOGGED_LENGTH: usize = 100;

/// The names that were refused and logged.
#[derive(Clone, Default)]
pub(super) struct Refused(Arc<Mutex<BTreeSet<String>>>);

/// Answers 421 (RFC 9110, 15.5.20) to a request for another host, and 400 to one that does not name one host.
pub(super) async fn check(
    State((state, refused)): State<(AppState, Refused)>,
    mut request: Request,
    next: Next,
) -> Response {
    let status = match named(&request) {
        Err(Malformed) => StatusCode::BAD_REQUEST,
        Ok(name) if HEALTH.contains(&request.uri().path()) || is_ours(&state, name.as_ref(), request.extensions()) => {
            use_host_alone(&mut request);
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

/// Returns true if the request comes from this machine, by a loopback name and through no proxy that says so.
pub(super) fn is_local(state: &AppState, parts: &Parts) -> bool {
    let is_forwarding = |name: &str| FORWARDING.iter().any(|start| name.starts_with(start));
    let name = parts.headers.get(header::HOST).and_then(parse);
    is_from_loopback(&parts.extensions)
        && name.is_some_and(|name| name.is_loopback() || is_own_loopback_name(&state.public_url, &name))
        && !parts.headers.keys().any(|name| is_forwarding(name.as_str()))
}

/// Returns true for the name of a `PUBLIC_URL` on loopback, which may be any within `.localhost`.
fn is_own_loopback_name(public_url: &PublicUrl, name: &HostName) -> bool {
    public_url.is_loopback() && is_public(public_url, name)
}

fn is_public(public_url: &PublicUrl, name: &HostName) -> bool {
    public_url.host().is_same(name, if public_url.is_https() { 443 } else { 80 })
}

/// The request names no host, more than one, or something that is none.
struct Malformed;

/// The host that a request is for (RFC 9112, 3.2 and 3.3); `None` where it names none, as HTTP/1.0 allows.
fn named(request: &Request) -> Result<Option<HostName>, Malformed> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (_, Some(_)) => return Err(Malformed),
        (None, None) if request.version() >= Version::HTTP_11 => return Err(Malformed),
        (host, None) => host,
    };
    match (request.uri().authority(), host) {
        // A target that names a host comes before the header.
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

/// Has everything behind this layer see one host, in the header.
fn use_host_alone(request: &mut Request) {
    let uri = request.uri();
    let Some((authority, path)) = uri.authority().zip(uri.path_and_query()) else { return };
    let (host, path) = (HeaderValue::from_str(authority.as_str()), Uri::from(path.clone()));
    if let Ok(host) = host {
        request.headers_mut().insert(header::HOST, host);
        *request.uri_mut() = path;
    }
}

impl Refused {
    /// Logs each of the first few names once: it may be a proxy that does not pass the name on.
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

/// The name that was sent, as far as it is logged.
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

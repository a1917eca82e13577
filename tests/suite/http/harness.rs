//! An application for one test, and clients that act like browsers and scripts.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use doorstep::{
    accounts::{
        BackOffice, Background, Lifetimes,
        ports::{Clock, PasswordHasher, Randomness},
    },
    adapters::{embedded::Embedded, hasher::BcryptHasher, randomness::SystemRandomness},
    api::ErrorCode,
    composition::{self, Mailing, Parts, Stores},
    config::{BrandConfig, HostName, PublicUrl, SecretKey},
    web::{Assets, cookies::AuthCookies},
    workers::Workers,
};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;
use url::{Url, form_urlencoded};

use crate::support::{FakeClock, folder};

pub const ORIGIN: &str = "http://localhost:5000";
pub const PASSWORD: &str = "seven tall herons";

const LIFETIMES: Lifetimes = Lifetimes {
    access_token: Duration::from_mins(15),
    session_idle: Duration::from_hours(7 * 24),
    session_absolute: Duration::from_hours(30 * 24),
    refresh_grace: Duration::from_secs(10),
    activity: Duration::from_hours(180 * 24),
};

/// The options of an application that differ from the defaults.
#[derive(Clone)]
pub struct Options {
    pub origin: &'static str,
    pub allowed_hosts: Vec<&'static str>,
    pub rate_limits: bool,
    pub sign_ups_per_hour: u32,
    pub trusted_proxies: Vec<&'static str>,
    pub mailing: Mailing,
    pub requires_verified_email: bool,
    pub security_contact: Option<Url>,
    pub brand: BrandConfig,
    /// The group of its background tasks, if it has others in it.
    pub workers: Option<Workers>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            origin: ORIGIN,
            allowed_hosts: Vec::new(),
            rate_limits: false,
            sign_ups_per_hour: 60,
            trusted_proxies: Vec::new(),
            mailing: Mailing::None,
            requires_verified_email: false,
            security_contact: None,
            brand: BrandConfig { shop: "Tea & Co".to_owned(), ..BrandConfig::default() },
            workers: None,
        }
    }
}

/// A running application.
pub struct App {
    pub clock: Arc<FakeClock>,
    pub stores: Stores,
    router: Router,
    origin: &'static str,
    folder: Option<TempDir>,
}

impl App {
    /// Returns an application on its own embedded store.
    pub async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        let folder = folder();
        let clock = Arc::new(FakeClock::new());
        let store = Embedded::open(folder.path(), clock.clone() as Arc<dyn Clock>).await.unwrap();
        Self { folder: Some(folder), ..Self::over(&options, Stores::embedded(store), clock).await }
    }

    /// Returns an application on these stores.
    pub async fn over(options: &Options, stores: Stores, clock: Arc<FakeClock>) -> Self {
        let router = build(options, stores.clone(), clock.clone()).await;
        Self { clock, stores, router, origin: options.origin, folder: None }
    }

    /// Returns another instance on the same stores, with other options.
    pub async fn again(&self, options: Options) -> Self {
        Self::over(&options, self.stores.clone(), self.clock.clone()).await
    }

    pub fn client(&self) -> Client {
        Client { origin: self.origin, ..client_of(self.router.clone()) }
    }

    /// Returns the folder of its embedded store, if it has its own.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_ref().map(TempDir::path)
    }

    /// Returns the back office, which an operator uses.
    pub fn back_office(&self) -> BackOffice {
        let (clock, randomness) =
            (self.clock.clone() as Arc<dyn Clock>, Arc::new(SystemRandomness) as Arc<dyn Randomness>);
        let hasher = Arc::new(BcryptHasher::new(4, randomness.clone()));
        composition::back_office(&self.stores, &clock, &randomness, hasher, LIFETIMES, "Tea & Co".to_owned())
    }

    /// Returns a client that has just signed up with this address.
    pub async fn signed_up(&self, email: &str) -> Client {
        let mut client = self.client();
        client.sign_up(email).await.expect(StatusCode::CREATED);
        client
    }
}

/// Returns a client of this application at the default origin, without cookies.
pub fn client_of(router: Router) -> Client {
    Client {
        router,
        origin: ORIGIN,
        cookies: BTreeMap::new(),
        address: [127, 0, 0, 1].into(),
        headers: HeaderMap::new(),
    }
}

/// Returns the application on these stores.
pub async fn build(options: &Options, stores: Stores, clock: Arc<FakeClock>) -> Router {
    let hasher = BcryptHasher::with_queue(4, Arc::new(SystemRandomness), 2, 1000);
    build_with_hasher(options, stores, clock, Arc::new(hasher)).await
}

pub fn secret_key() -> SecretKey {
    SecretKey::from_bytes((0..32).collect()).unwrap()
}

/// Returns the application on these stores, with this hasher.
pub async fn build_with_hasher(
    options: &Options,
    stores: Stores,
    clock: Arc<FakeClock>,
    hasher: Arc<dyn PasswordHasher>,
) -> Router {
    composition::build(Parts {
        stores,
        clock,
        hasher,
        mailing: options.mailing.clone(),
        requires_verified_email: options.requires_verified_email,
        randomness: Arc::new(SystemRandomness),
        secret_keys: secret_key().into(),
        brand: options.brand.clone(),
        security_contact: options.security_contact.clone(),
        public_url: PublicUrl::parse(options.origin).unwrap(),
        lifetimes: LIFETIMES,
        allowed_hosts: options.allowed_hosts.iter().map(|name| HostName::parse_setting(name).unwrap()).collect(),
        rate_limits: options.rate_limits,
        sign_ups_per_hour: options.sign_ups_per_hour,
        trusted_proxies: options.trusted_proxies.iter().map(|network| network.parse().unwrap()).collect(),
        assets: Assets::new("target/site"),
        development: false,
        workers: options.workers.clone().unwrap_or_default(),
        background: Background::default(),
    })
    .await
    .unwrap()
}

/// A browser or a script, with its cookies.
#[derive(Clone)]
pub struct Client {
    router: Router,
    origin: &'static str,
    pub cookies: BTreeMap<String, String>,
    pub address: IpAddr,
    /// Added to every request.
    pub headers: HeaderMap,
}

impl Client {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// Requests a page, as a browser does.
    pub async fn get_page(&mut self, path: &str) -> Answer {
        let builder = request(Method::GET, path).header(header::ACCEPT, "text/html,application/xhtml+xml");
        self.send(builder.body(Body::empty()).unwrap()).await
    }

    /// Posts JSON, as an API client does.
    pub async fn post_json(&mut self, path: &str, body: impl Into<Body>) -> Answer {
        let builder = request(Method::POST, path).header(header::CONTENT_TYPE, "application/json");
        self.send(builder.body(body.into()).unwrap()).await
    }

    /// Posts a form, as a browser without scripts does.
    pub async fn post_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let builder = request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "text/html,application/xhtml+xml")
            .header(header::ORIGIN, ORIGIN)
            .header("sec-fetch-site", "same-origin");
        self.send(builder.body(body.into()).unwrap()).await
    }

    /// Returns true if no session cookie is left. The cookie that identifies the browser stays.
    pub fn has_no_session(&self) -> bool {
        !["accessToken", "refreshToken"].iter().any(|name| self.cookies.contains_key(*name))
    }

    pub async fn sign_up(&mut self, email: &str) -> Answer {
        let body = serde_json::json!({ "name": "Ada", "email": email, "password": PASSWORD });
        self.post_json("/api/auth/signup", body.to_string()).await
    }

    pub async fn log_in(&mut self, email: &str, password: &str) -> Answer {
        let body = serde_json::json!({ "email": email, "password": password });
        self.post_json("/api/auth/login", body.to_string()).await
    }

    pub async fn refresh(&mut self) -> Answer {
        self.post_json("/api/auth/refresh-token", "").await
    }

    pub async fn log_out(&mut self) -> Answer {
        self.post_json("/api/auth/logout", "").await
    }

    pub async fn profile(&mut self) -> Answer {
        self.get("/api/auth/profile").await
    }

    /// Sends a request with this client's cookies, and keeps those of the response.
    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() && !request.headers().contains_key(header::COOKIE) {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        for (name, value) in &self.headers {
            request.headers_mut().append(name, value.clone());
        }
        // Sets the host, as every client does: that of the origin, unless the test sets another.
        if !request.headers().contains_key(header::HOST) {
            let (_, host) = self.origin.split_once("://").unwrap();
            request.headers_mut().insert(header::HOST, host.parse().unwrap());
        }
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(self.address, 40000)));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let answer = Answer {
            status: parts.status,
            logged: parts.extensions.get().copied(),
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        for cookie in answer.set_cookies() {
            let (pair, attributes) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            check_cookie(name, attributes, self.origin.starts_with("https:"));
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

/// T2: fails unless a cookie that a response sets or clears is one of ours, for this host only, and not readable by
/// scripts. A browser ignores one that is cleared with other attributes than those with which it was set.
fn check_cookie(name: &str, attributes: &str, is_https: bool) {
    assert!(AuthCookies::new(is_https).names().contains(&name), "another cookie: {name}");
    assert!(!is_https || name.starts_with("__Host-") || name == "language", "{name} is not bound to the host");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(attributes.contains(attribute), "{name}: {attributes}");
    }
    assert_eq!(attributes.contains("Secure"), is_https, "{name}: {attributes}");
    assert!(!attributes.contains("Domain"), "{name}: {attributes}");
}

/// Returns a request builder.
pub fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path)
}

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    /// The code in the access log.
    pub logged: Option<ErrorCode>,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// Returns the response if it has this status, and panics otherwise.
    #[track_caller]
    pub fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json", "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }

    /// Returns the code of an error.
    #[track_caller]
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn set_cookies(&self) -> Vec<String> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    /// Returns a cookie that is set, with its value and attributes.
    pub fn set_cookie(&self, name: &str) -> Option<String> {
        self.set_cookies().into_iter().find(|cookie| cookie.starts_with(&format!("{name}=")))
    }
}

//! What every request handler has at hand.

use std::sync::Arc;

use axum::extract::FromRef;
use ipnet::IpNet;
use leptos::config::LeptosOptions;

use super::{Assets, cookies::AuthCookies};
use crate::{accounts::Accounts, config::PublicUrl};

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub accounts: Arc<Accounts>,
    pub public_url: PublicUrl,
    pub trusted_proxies: Arc<[IpNet]>,
    pub assets: Arc<Assets>,
    pub(super) cookies: AuthCookies,
    pub(super) leptos: LeptosOptions,
}

impl AppState {
    #[must_use]
    pub fn new(accounts: Arc<Accounts>, public_url: PublicUrl, trusted_proxies: Vec<IpNet>, assets: Assets) -> Self {
        let cookies = AuthCookies::new(public_url.is_https());
        let leptos = LeptosOptions::builder().output_name(assets.output_name()).build();
        Self { accounts, public_url, trusted_proxies: trusted_proxies.into(), assets: assets.into(), cookies, leptos }
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

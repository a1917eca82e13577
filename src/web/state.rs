//! The state that all request handlers share.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use ipnet::IpNet;
use leptos::config::LeptosOptions;
use url::Url;

use super::{Assets, Branding, client_address::TrustedProxies, cookies::AuthCookies, form_quota::FormQuota};
use crate::{
    accounts::{Accounts, DevMailbox},
    config::{HostName, PublicUrl},
    workers::Workers,
};

/// The shared state. Every layer clones it for each request, so a clone copies only a pointer.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// The content of an [`AppState`].
pub struct Shared {
    pub accounts: Accounts,
    /// The background tasks of the program and of its stores.
    pub workers: Vec<Workers>,
    /// The mails that are shown instead of sent, during development only.
    pub dev_mailbox: Option<DevMailbox>,
    pub public_url: PublicUrl,
    /// Other host names under which the server accepts requests.
    pub allowed_hosts: Vec<HostName>,
    /// The security contact, if the shop has one.
    pub security_contact: Option<Url>,
    pub(super) trusted_proxies: TrustedProxies,
    pub branding: Branding,
    pub assets: Assets,
    pub(super) cookies: AuthCookies,
    pub(super) form_quota: Arc<FormQuota>,
    pub(super) leptos: LeptosOptions,
}

impl AppState {
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "each is a part of its own; one place calls this")]
    pub fn new(
        accounts: Accounts,
        workers: Vec<Workers>,
        dev_mailbox: Option<DevMailbox>,
        public_url: PublicUrl,
        allowed_hosts: Vec<HostName>,
        security_contact: Option<Url>,
        trusted_proxies: Vec<IpNet>,
        branding: Branding,
        assets: Assets,
    ) -> Self {
        let cookies = AuthCookies::new(public_url.is_https());
        let leptos = LeptosOptions::builder().output_name(assets.output_name()).build();
        Self(Arc::new(Shared {
            accounts,
            workers,
            dev_mailbox,
            public_url,
            allowed_hosts,
            security_contact,
            trusted_proxies: TrustedProxies::new(trusted_proxies),
            branding,
            assets,
            cookies,
            form_quota: Arc::default(),
            leptos,
        }))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

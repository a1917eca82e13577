//! What a form without scripts keeps for one step: the typed values and what was wrong with them, between the answer
//! that sends the browser back to the form and the page that shows it.

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::Extensions;
use time::Duration;
use tower_sessions::{
    Expiry, Session, SessionManagerLayer,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{self, SessionStore},
};

use super::cookies::AuthCookies;
use crate::ui::FormState;

/// The key of the state within its session.
const KEY: &str = "form";
/// How long somebody may take to follow a redirect.
const LIFETIME: Duration = Duration::minutes(10);

/// Any session store; which one, the composition root decides.
#[derive(Clone, Debug)]
pub struct FormStateStore(pub Arc<dyn SessionStore>);

#[async_trait]
impl SessionStore for FormStateStore {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.0.create(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.0.save(record).await
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        self.0.load(id).await
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.0.delete(id).await
    }
}

/// Brings a [`Session`] to each request. The store is asked only when a request carries the cookie.
pub(super) fn layer(store: FormStateStore, cookies: AuthCookies) -> SessionManagerLayer<FormStateStore> {
    SessionManagerLayer::new(store)
        .with_name(cookies.form())
        .with_secure(cookies.is_secure())
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(LIFETIME))
}

/// Keeps `state` for the next page.
///
/// # Errors
/// When the store cannot keep it.
pub(super) async fn keep(session: &Session, state: &FormState) -> Result<(), tower_sessions::session::Error> {
    session.insert(KEY, state).await?;
    // The layer would save it too, and answer a failure with an empty page.
    session.save().await
}

/// Takes what was kept for a form on the page at `path`. A store that does not answer means an empty form, not a missing page.
pub(super) async fn take(extensions: &Extensions, path: &str) -> Option<FormState> {
    let session = extensions.get::<Session>()?;
    // Without a cookie there is nothing to ask the store for.
    session.id()?;
    let state = match session.get::<FormState>(KEY).await {
        Ok(state) => state.filter(|state| state.form.page() == path)?,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the state of a form could not be read");
            return None;
        }
    };
    if let Err(error) = session.flush().await {
        tracing::warn!(error = &error as &dyn std::error::Error, "the state of a form stays until it expires");
    }
    Some(state)
}

//! The state of a form without scripts: the typed values and the error. It is stored between the response that
//! redirects the browser back to the form and the page that shows it.

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use axum::http::{Extensions, HeaderValue};
use time::{Duration, OffsetDateTime};
use tower_sessions::{
    Expiry, Session, SessionManagerLayer,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{self, SessionStore},
};

use super::{cookies::AuthCookies, form_quota::FormQuota};
use crate::ui::{FormState, SentForm};

/// The key of the state in its session.
const KEY: &str = "form";
/// How long the browser has to follow the redirect.
pub(super) const LIFETIME: Duration = Duration::minutes(10);
/// The maximum size of a state, in bytes of its JSON. Typed values are removed from a larger one.
pub(super) const MAX_SIZE: usize = 2048;

/// A session store of any type, chosen by the composition root.
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

/// Returns the layer that adds a [`Session`] to each request. The store is queried only if a request has the cookie.
pub(super) fn layer(store: FormStateStore, cookies: AuthCookies) -> SessionManagerLayer<FormStateStore> {
    SessionManagerLayer::new(store)
        .with_name(cookies.form())
        .with_secure(cookies.is_secure())
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(LIFETIME))
}

/// The store of form states.
#[derive(Clone)]
pub(super) struct FormStates {
    store: Arc<FormStateStore>,
    cookies: AuthCookies,
    quota: Arc<FormQuota>,
}

impl FormStates {
    pub(super) fn new(store: FormStateStore, cookies: AuthCookies, quota: Arc<FormQuota>) -> Self {
        Self { store: Arc::new(store), cookies, quota }
    }

    /// Stores `state` for the next page and replaces the state of `browser`, if any. Returns the cookie with its id, or
    /// `None` if `client` has too many states, in which case nothing is stored.
    ///
    /// This does not use the session of the request: after a failure, the layer would try to save that session again,
    /// and then discard the response with all its cookies.
    ///
    /// # Errors
    /// If the store does not answer.
    pub(super) async fn keep(
        &self,
        browser: Option<&Session>,
        client: IpAddr,
        now: OffsetDateTime,
        state: FormState,
    ) -> Result<Option<HeaderValue>, tower_sessions::session::Error> {
        let session =
            Session::new(browser.and_then(Session::id), self.store.clone(), Some(Expiry::OnInactivity(LIFETIME)));
        session.insert(KEY, bounded(state)).await?;
        // By now, the session has dropped an id that the store does not know.
        if session.id().is_none() && !self.quota.admits(client, now) {
            return Ok(None);
        }
        session.save().await?;
        Ok(session.id().map(|id| self.cookies.set_form(&id.to_string(), LIFETIME)))
    }
}

/// Removes the typed values if the state is too large.
fn bounded(state: FormState) -> FormState {
    let size = serde_json::to_vec(&state).map_or(usize::MAX, |json| json.len());
    if size <= MAX_SIZE {
        return state;
    }
    FormState { sent: SentForm { error: state.sent.error, ..SentForm::default() }, ..state }
}

/// Takes the state of a form on the page at `path`, to show it to `client`. If the store does not answer, the form is
/// empty, but the page is still shown.
pub(super) async fn take(extensions: &Extensions, path: &str, quota: &FormQuota, client: IpAddr) -> Option<FormState> {
    let session = extensions.get::<Session>()?;
    // Without a cookie, the store has nothing to return.
    let showing = quota.show(session.id()?);
    let state = match session.get::<FormState>(KEY).await {
        Ok(state) => state.filter(|state| state.page == path)?,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the state of a form could not be read");
            return None;
        }
    };
    match session.flush().await {
        Ok(()) => {
            if let Some(showing) = showing {
                showing.removed(client);
            }
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the state of a form stays until it expires");
        }
    }
    Some(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ErrorCode;

    #[test]
    fn n11_typed_input_is_left_out_of_a_state_that_is_too_large() {
        let state = |length: usize| FormState {
            page: "/signup".to_owned(),
            done: String::new(),
            sent: SentForm {
                name: "x".repeat(length),
                error: Some(ErrorCode::EmailTaken.into()),
                ..SentForm::default()
            },
        };
        assert_eq!(bounded(state(1000)).sent.name.len(), 1000);
        let left = bounded(state(MAX_SIZE)).sent;
        assert!(left.name.is_empty() && left.error.is_some_and(|error| error.code == ErrorCode::EmailTaken));
    }
}

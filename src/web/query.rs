//! The query parameters of pages.

use axum::{extract::Query, http::Uri};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

use crate::{
    domain::LocalPath,
    ui::routes::{is_token, with_next},
};

/// The query of a page without its own parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct NoQuery {}

/// The query of a page that is linked in a mail.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LinkQuery {
    /// `None` if it is missing or does not have the format of a token.
    #[serde(default, deserialize_with = "token", skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// The parameter of every page: the page that follows the login.
#[derive(Debug, Default, Deserialize)]
struct NextQuery {
    #[serde(default)]
    next: Option<String>,
}

/// The query of a request for a page.
pub(super) struct PageQuery<Q> {
    pub own: Q,
    pub next: Option<LocalPath>,
}

/// The error for a parameter that is duplicated or has the wrong type.
#[derive(Debug)]
pub(super) struct InvalidQuery;

impl<Q: DeserializeOwned + Serialize> PageQuery<Q> {
    /// Parses a query. A `next` on another site is ignored.
    pub fn read(uri: &Uri) -> Result<Self, InvalidQuery> {
        let Query(own) = Query::try_from_uri(uri).map_err(|_| InvalidQuery)?;
        let Query(NextQuery { next }) = Query::try_from_uri(uri).map_err(|_| InvalidQuery)?;
        Ok(Self { own, next: next.as_deref().and_then(LocalPath::parse) })
    }

    /// Returns the page's path with the known part of its query.
    pub fn here(&self, path: &str) -> Option<LocalPath> {
        let own = serde_urlencoded::to_string(&self.own).ok()?;
        let path = if own.is_empty() { path.to_owned() } else { format!("{path}?{own}") };
        let here = with_next(&path, self.next.as_ref());
        LocalPath::parse(&here)
    }
}

fn token<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    Ok(Some(String::deserialize(input)?).filter(|text| is_token(text)))
}

//! Sending a browser on to another page.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::ui::routes;

/// A 303, which is followed by a GET whatever was sent before (RFC 9110, 15.4.4). `target` is a path on this site.
pub(super) fn see_other(target: &str) -> Response {
    let target = HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static(routes::HOME));
    (StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response()
}

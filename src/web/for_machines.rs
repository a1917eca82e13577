//! What programs look for on any site: password managers, crawlers, and whoever found a hole and wants to tell the shop.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use time::{Duration, format_description::well_known::Rfc3339};

use super::{AppState, redirect::see_other};
use crate::ui::routes;

/// How long the contact is vouched for: RFC 9116, 2.5.5, advises less than a year.
const VOUCHED_FOR: Duration = Duration::days(180);

/// The landing page, and how one gets in. The rest is a customer's own, or leads there.
const ROBOTS: &str = "User-agent: *\nDisallow: /account\nDisallow: /api/\nDisallow: /dev/\n\
    Disallow: /change-email\nDisallow: /reset-password\nDisallow: /secure-account\nDisallow: /verify-email\n";

/// `GET /.well-known/change-password`: leads a password manager to the page for it (W3C, A Well-Known URL for Changing
/// Passwords).
pub(super) async fn change_password() -> Response {
    see_other(routes::SECURITY)
}

/// `GET /robots.txt` (RFC 9309)
pub(super) async fn robots() -> Response {
    text(ROBOTS.to_owned())
}

/// `GET /.well-known/security.txt` (RFC 9116), where the shop said whom to tell; else 404.
pub(super) async fn security(State(state): State<AppState>) -> Response {
    let Some(contact) = &state.security_contact else { return StatusCode::NOT_FOUND.into_response() };
    // By the day, so that it says the same for a while.
    let until = (state.accounts.clock.now() + VOUCHED_FOR).replace_time(time::Time::MIDNIGHT);
    let Ok(until) = until.format(&Rfc3339) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let site = state.public_url.origin();
    text(format!("Contact: {contact}\nExpires: {until}\nCanonical: {site}/.well-known/security.txt\n"))
}

fn text(content: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")], content)
        .into_response()
}

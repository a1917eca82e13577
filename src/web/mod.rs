//! The HTTP server: routes, and the layers between a request and the use cases.
//!
//! Pages are served by [`page_server`], endpoints by [`endpoint_server`]; [`router`] adds the layers around both. This
//! module depends on HTTP and the use cases, but not on a store. Functions that parse untrusted input are public, so
//! that the fuzzer can call them.

pub mod access;
pub mod api_document;
mod assets;
pub mod bodies;
mod brand;
mod client_address;
mod connections;
pub mod cookies;
pub mod document;
pub mod edge;
pub mod endpoint;
mod endpoint_server;
mod error_page;
mod form_quota;
mod form_state;
mod head_deadline;
mod headers;
mod health;
mod host;
mod jwks;
mod language;
mod overload;
pub mod page;
mod page_cache;
mod page_server;
pub mod page_visit;
mod peers;
pub mod postman_collection;
mod problem;
pub mod query;
mod redirect;
pub mod request_headers;
mod request_id;
mod router;
pub mod server_function;
mod state;
pub mod user_agent;
pub mod visit;
mod well_known;

pub use assets::Assets;
pub use brand::Branding;
pub use connections::{ConnectionLimits, serve};
pub use form_state::FormStateStore;
pub use router::router;
pub use state::AppState;

use axum::http::HeaderName;

/// The header that makes a browser delete data of this site (W3C Clear Site Data).
pub const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

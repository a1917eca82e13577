//! The server's HTTP side: routes, and what lies between a request and the use cases.
//!
//! Pages are rendered behind [`pages`], server functions run behind [`edge`]; the layers around both are put together
//! in [`router`]. This module knows HTTP and the use cases, and no store. What reads what anybody may send is public, so
//! that it can be fuzzed by itself.

mod assets;
mod brand;
mod client_address;
mod connections;
pub mod cookies;
pub mod edge;
mod error_page;
mod for_machines;
mod form_quota;
mod form_state;
mod head_deadline;
mod headers;
mod health;
mod host;
mod jwks;
mod language;
mod overload;
mod pages;
mod peers;
mod redirect;
pub mod request_headers;
mod request_id;
mod router;
pub mod server_functions;
mod state;
mod still_pages;
pub mod user_agent;

pub use assets::Assets;
pub use brand::Branding;
pub use connections::{ConnectionLimits, serve};
pub use form_state::FormStateStore;
pub use router::router;
pub use state::AppState;

//! The components of pages, rendered on the server. The forms among them are islands, which the browser hydrates.
//!
//! This module depends on the domain and the API, but not on the server. The browser gets only the islands and the
//! components that they use. The pages themselves are in `pages/`.

pub(crate) mod components;
mod form_state;
mod form_words;
pub(crate) mod islands;
mod keys;
pub mod routes;

#[cfg(feature = "ssr")]
mod asset_path;
#[cfg(feature = "ssr")]
mod brand;
#[cfg(feature = "ssr")]
mod document;
#[cfg(feature = "ssr")]
mod error_document;
#[cfg(feature = "ssr")]
mod frame;
#[cfg(feature = "ssr")]
pub(crate) mod say;

#[cfg(not(feature = "ssr"))]
#[path = "say_browser.rs"]
mod say;

#[cfg(feature = "ssr")]
pub use asset_path::asset_path;
#[cfg(feature = "ssr")]
pub use brand::Brand;
#[cfg(feature = "ssr")]
pub use document::{Stylesheet, document};
#[cfg(feature = "ssr")]
pub use error_document::error_document;
pub use form_state::{FormState, SentForm};
pub use form_words::FormWords;
#[cfg(feature = "ssr")]
pub use frame::{Frame, Mailing};
#[cfg(feature = "hydrate")]
pub use islands::give_forms_back;

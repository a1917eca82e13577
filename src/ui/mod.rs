//! The pages of the front door, rendered on the server; the forms among them are islands, and come alive in the
//! browser.
//!
//! What is here sees the domain and the API, and nothing of the server: a page is given all it shows in a
//! [`PageContext`], before it is rendered. The browser gets the islands alone, and of the parts what they are made of.

mod components;
mod form_state;
mod form_words;
mod islands;
mod keys;
pub mod routes;

#[cfg(feature = "ssr")]
mod asset_path;
#[cfg(feature = "ssr")]
mod brand;
#[cfg(feature = "ssr")]
mod context;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
mod say;
#[cfg(feature = "ssr")]
mod shell;

#[cfg(not(feature = "ssr"))]
#[path = "say_browser.rs"]
mod say;

#[cfg(feature = "ssr")]
pub use asset_path::asset_path;
#[cfg(feature = "ssr")]
pub use brand::Brand;
#[cfg(feature = "ssr")]
pub use context::{ChangeStep, KeptMailBody, Link, Mailing, PageContext, PasswordAge, VerificationStep};
pub use form_state::{FormName, FormState, SentForm};
pub use form_words::FormWords;
#[cfg(feature = "hydrate")]
pub use islands::give_forms_back;
#[cfg(feature = "ssr")]
pub use shell::{Stylesheet, shell};

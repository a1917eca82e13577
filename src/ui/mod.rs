//! The pages of the front door, rendered on the server; the forms among them are islands, and come alive in the
//! browser.
//!
//! What is here sees the domain and the API, and nothing of the server: a page is given all it shows in a
//! [`PageContext`], before it is rendered.

mod components;
mod context;
mod form_state;
mod islands;
pub mod pages;
pub mod routes;
mod shell;
mod words;

pub use context::{KeptMailBody, Link, Mailing, PageContext, VerificationStep};
pub use form_state::{FormName, FormState, SentForm};
pub use shell::{Stylesheet, shell};

//! What an account is made of: values that are checked once, when they enter, and cannot be wrong afterwards.
//!
//! Everything here is pure and shared by the server and the browser, so that a form says the same thing before it
//! is sent as after. It knows no database, no HTTP and no clock.

mod customer;
mod disguise;
mod email;
mod email_typo;
mod event;
mod field_errors;
mod forms;
mod invisible;
mod language;
mod local_path;
mod name;
mod password;

pub use customer::{CredentialEpoch, Customer, CustomerId, MalformedId, Role};
pub(crate) use disguise::{latin, plain, reversed, spellings};
pub use email::EmailAddress;
pub use event::Event;
pub use field_errors::{Field, FieldError, FieldErrors};
pub use forms::{ChangePassword, Confirm, LogIn, ResetPassword, SignUp};
pub use invisible::is_invisible;
pub use language::Language;
pub use local_path::LocalPath;
pub use name::PersonName;
pub use password::{Password, PasswordAttempt};

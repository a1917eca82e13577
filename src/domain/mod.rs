//! The values of an account. Each is validated once, when it is created, and is valid from then on.
//!
//! Everything here is pure and shared by the server and the browser, so that a form reports the same faults before and
//! after it is sent. This module does not depend on a database, HTTP or a clock.

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

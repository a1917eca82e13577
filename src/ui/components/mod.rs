//! The parts that pages and islands are made of.

mod alert;
mod code_field;
mod email_suggestion;
mod field;
mod kept_mail_hint;
mod outcome;
mod page;
mod password_field;
mod scripts;
mod submit_button;

pub(super) use alert::{ALERT_ID, Alert};
pub(super) use code_field::CodeField;
pub(super) use email_suggestion::{EmailSuggestion, probably_meant, suggest_email};
pub(super) use field::{TextField, control_id};
pub(super) use kept_mail_hint::KeptMailHint;
pub(super) use outcome::Outcome;
pub(super) use page::Page;
pub(super) use password_field::PasswordField;
pub(super) use scripts::IslandScripts;
pub(super) use submit_button::SubmitButton;

//! The parts that pages and islands are made of, one a file. `/dev/design` shows each of them in every state.

mod email_suggestion;
mod error_summary;
mod field;
mod password_field;
mod submit_button;

pub(super) use email_suggestion::{EmailSuggestion, suggest_email};
pub(super) use error_summary::{ERROR_SUMMARY_ID, ErrorSummary};
pub(super) use field::{TextField, control_id};
pub(super) use password_field::{PasswordField, PasswordWords};
pub(super) use submit_button::SubmitButton;

// Of what follows nothing lives in the browser: pages alone are made of it.

#[cfg(feature = "ssr")]
mod account_nav;
#[cfg(feature = "ssr")]
mod alert;
#[cfg(feature = "ssr")]
mod avatar;
#[cfg(feature = "ssr")]
mod card;
#[cfg(feature = "ssr")]
mod code_field;
#[cfg(feature = "ssr")]
mod dialog;
#[cfg(feature = "ssr")]
mod empty_state;
#[cfg(feature = "ssr")]
mod kept_mail_hint;
#[cfg(feature = "ssr")]
mod language_switch;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod moment;
#[cfg(feature = "ssr")]
mod outcome;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod scripts;
#[cfg(feature = "ssr")]
mod skeleton;
#[cfg(feature = "ssr")]
mod toast;

#[cfg(feature = "ssr")]
pub(super) use self::{
    account_nav::{AccountNav, Section},
    alert::Alert,
    avatar::Avatar,
    card::Card,
    code_field::CodeField,
    dialog::ConfirmDialog,
    email_suggestion::probably_meant,
    empty_state::EmptyState,
    kept_mail_hint::KeptMailHint,
    language_switch::LanguageSwitch,
    list::{List, ListItem},
    moment::{Day, Minute},
    outcome::Outcome,
    page::{Description, Layout, Page, description, site_title},
    scripts::IslandScripts,
    skeleton::Skeleton,
    toast::Toast,
};

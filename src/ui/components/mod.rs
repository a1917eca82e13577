//! The components of pages and islands, one per file. `/dev/design` shows each of them in every state.

mod ids;

pub(crate) use ids::{EMAIL_SUGGESTION_ID, ERROR_SUMMARY_ID, control_id, described_by, error_id, hint_id};

// The other components are rendered only on the server.

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
mod email_suggestion;
#[cfg(feature = "ssr")]
mod empty_state;
#[cfg(feature = "ssr")]
mod error_summary;
#[cfg(feature = "ssr")]
mod field;
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
mod password_field;
#[cfg(feature = "ssr")]
mod skeleton;
#[cfg(feature = "ssr")]
mod submit_button;
#[cfg(feature = "ssr")]
mod toast;

#[cfg(feature = "ssr")]
pub(crate) use self::{
    account_nav::{AccountNav, Section},
    alert::Alert,
    avatar::Avatar,
    card::Card,
    code_field::CodeField,
    dialog::ConfirmDialog,
    email_suggestion::EmailSuggestion,
    empty_state::EmptyState,
    error_summary::ErrorSummary,
    field::TextField,
    kept_mail_hint::KeptMailHint,
    language_switch::LanguageSwitch,
    list::{List, ListItem},
    moment::{Day, Minute},
    outcome::Outcome,
    page::{Description, Framed, Layout, description, site_title},
    password_field::{PasswordField, PasswordWords},
    skeleton::Skeleton,
    submit_button::SubmitButton,
    toast::Toast,
};

//! What a page is given to show.

use leptos::prelude::use_context;

use super::FormState;
use crate::{
    api::{ActivityBody, CustomerBody, SessionBody},
    domain::{Language, LocalPath},
};

/// Everything a page may show beyond its own words, found before it is rendered.
#[derive(Clone, Debug, Default)]
pub struct PageContext {
    /// In which the page is written.
    pub language: Language,
    /// Where the page is, for a form that leads back to it.
    pub here: Option<LocalPath>,
    /// Who is signed in.
    pub customer: Option<CustomerBody>,
    /// Where somebody wants to go after signing in.
    pub next: Option<LocalPath>,
    /// What was typed into the page's form, and what was wrong with it, when it was sent without scripts.
    pub form: Option<FormState>,
    /// The customer's devices, on the pages that list them.
    pub devices: Vec<SessionBody>,
    /// What happened to the account, on the pages that tell it.
    pub activities: Vec<ActivityBody>,
    /// When the password was last set, on the page that tells it.
    pub password: PasswordAge,
    /// The link that led here, on the page where it is used.
    pub link: Option<Link>,
    /// The link of an email change that led here, on the page where it is used.
    pub change: Option<ChangeStep>,
    /// The address that the customer wants to have, on the page for that.
    pub proposed_email: Option<String>,
    /// Whether the customer has yet to verify their address.
    pub unverified: bool,
    /// How somebody verifies their address, on the page for that.
    pub verification: Option<VerificationStep>,
    /// Whether the shop wants that done before anybody is signed in.
    pub requires_verified: bool,
    /// What becomes of the shop's mail.
    pub mailing: Mailing,
    /// Mail that is kept, on the page that shows it.
    pub kept_mail: Option<Vec<KeptMailBody>>,
    /// Whether the customer confirmed their password a short while ago.
    pub confirmed: bool,
}

/// The link of a mail that somebody followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// It has this token, and is good as far as was looked.
    Good(String),
    /// It has expired or was used.
    Expired,
}

/// The link of an email change that somebody followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeStep {
    /// This session asked for the change: the token completes it.
    Completes { token: String },
    /// Another session asked for it, where this code is to be typed.
    Elsewhere { code: String },
    /// It has expired or was used.
    Expired,
}

/// When a customer last set their password.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PasswordAge {
    #[default]
    Unknown,
    /// It is the one that the account was made with.
    NeverChanged,
    /// RFC 3339.
    ChangedAt(String),
}

/// What becomes of the shop's mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mailing {
    /// There is none.
    #[default]
    None,
    /// It is kept, to be looked at.
    Kept,
    Sent,
}

/// How somebody verifies their address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerificationStep {
    /// By the link that they followed.
    Link {
        token: String,
        /// The account was not made in this browser: its password and its sessions end by it.
        reclaims: bool,
    },
    /// Not by the link that they followed: it was used, or its time is over.
    Expired,
    /// By the mail to this address.
    Mail { email: String },
}

/// A mail that nobody was sent.
#[derive(Clone, Debug)]
pub struct KeptMailBody {
    pub to: String,
    pub subject: String,
    /// As plain text.
    pub text: String,
}

impl PageContext {
    /// Whether there is nothing to show beyond the page's own words.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        // The rest is a customer's, or the same for everybody.
        matches!(
            self,
            Self {
                customer: None,
                next: None,
                form: None,
                link: None,
                change: None,
                verification: None,
                kept_mail: None,
                ..
            }
        )
    }

    /// The context of the page that is being rendered.
    #[must_use]
    pub fn current() -> Self {
        use_context().unwrap_or_default()
    }
}

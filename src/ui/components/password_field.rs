//! The password field. `public/password.js` adds a button that shows the password, a Caps Lock warning, and the
//! strength of a new password.

use leptos::prelude::*;

use super::{control_id, described_by, field::FieldFrame};
use crate::domain::Field;

/// The texts of the field, apart from its label.
#[derive(Clone, Debug)]
pub(crate) struct PasswordWords {
    show: String,
    caps_lock: String,
    strength: String,
    /// The strengths from very weak to strong, separated by `|`.
    strengths: String,
}

impl PasswordWords {
    /// The keys of the texts.
    const KEYS: [&str; 8] = [
        "password-show",
        "password-caps-lock",
        "password-strength",
        "password-strength-0",
        "password-strength-1",
        "password-strength-2",
        "password-strength-3",
        "password-strength-4",
    ];

    pub(crate) fn new(say: impl Fn(&str) -> String) -> Self {
        let [show, caps_lock, strength, strengths @ ..] = Self::KEYS.map(&say);
        Self { show, caps_lock, strength, strengths: strengths.join("|") }
    }
}

/// A password input. The button that shows the password is hidden until a script enables it.
#[component]
pub(crate) fn PasswordField(
    #[prop(default = Field::Password)] field: Field,
    label: String,
    words: PasswordWords,
    /// True for a new password.
    #[prop(optional)]
    is_new: bool,
    #[prop(optional)] hint: String,
    /// Empty if there is no error.
    error: String,
) -> impl IntoView {
    let has_error = !error.is_empty();
    let has_hint = !hint.is_empty();
    let id = control_id(field);
    let shown = format!("{} {label}", words.show);
    view! {
        <FieldFrame field label hint error>
            <div class="with-button">
                <input
                    id=id
                    name=id
                    type="password"
                    // For password managers.
                    autocomplete=if is_new { "new-password" } else { "current-password" }
                    autocapitalize="none"
                    spellcheck="false"
                    aria-required="true"
                    aria-invalid=has_error.then_some("true")
                    aria-describedby=described_by(field, has_hint, has_error)
                />
                <button
                    type="button"
                    class="reveal"
                    hidden
                    aria-controls=id
                    aria-pressed="false"
                    // Names the field, as a form can have two of them.
                    aria-label=shown
                >
                    {words.show}
                </button>
            </div>
            <p class="caps-lock" role="status" data-words=words.caps_lock></p>
            {is_new
                .then(|| view! {
                    <p class="strength" role="status" hidden data-words=words.strengths data-label=words.strength></p>
                })}
        </FieldFrame>
    }
}

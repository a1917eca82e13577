//! The texts of pages, in the visitor's language.

use leptos::prelude::*;

use super::{FormState, FormWords, keys};
use crate::{
    api::{ApiError, ErrorCode},
    domain::{Event, Field, FieldError, Language, Password, PersonName},
    words::{FluentValue, Words},
};

/// Returns the texts for the page that is being rendered.
pub(crate) fn words() -> &'static Words {
    Words::of(use_context::<Language>().unwrap_or_default())
}

/// Returns the text of `key`.
pub(crate) fn say(key: &str) -> String {
    words().say(key)
}

/// Returns the text of `key` with its arguments filled in.
pub(crate) fn fill(key: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
    words().fill(key, arguments)
}

/// Returns a text with a link to `target`.
pub(crate) fn sentence(key: &str, target: &str) -> AnyView {
    sentence_of(key, &[], target)
}

/// Returns a text with its arguments filled in. The part between `<a>` and `</a>` is the link, and the part between
/// `<b>` and `</b>` is emphasized.
pub(crate) fn sentence_of(key: &str, arguments: &[(&str, FluentValue<'_>)], target: &str) -> AnyView {
    let text = fill(key, arguments);
    let mut parts: Vec<AnyView> = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, part, after)) = first_marked(rest) {
        parts.push(before.to_owned().into_any());
        parts.push(match part {
            Marked::Link(text) => view! { <a href=target.to_owned()>{text.to_owned()}</a> }.into_any(),
            Marked::Stressed(text) => view! { <strong>{text.to_owned()}</strong> }.into_any(),
        });
        rest = after;
    }
    parts.push(rest.to_owned().into_any());
    parts.into_any()
}

/// A formatted part of a text.
enum Marked<'a> {
    Link(&'a str),
    Stressed(&'a str),
}

/// Returns the first formatted part, with the text before and after it.
fn first_marked(text: &str) -> Option<(&str, Marked<'_>, &str)> {
    let start = ["<a>", "<b>"].into_iter().filter_map(|mark| text.find(mark)).min()?;
    let (before, rest) = text.split_at(start);
    let (rest, is_link) = (&rest[3..], rest.starts_with("<a>"));
    let (inner, after) = rest.split_once(if is_link { "</a>" } else { "</b>" })?;
    Some((before, if is_link { Marked::Link(inner) } else { Marked::Stressed(inner) }, after))
}

/// Returns the message about a field's error, and how to correct it.
pub(crate) fn fault(field: Field, error: FieldError) -> String {
    let most = if field == Field::Name { PersonName::MAX_LENGTH } else { Password::MAX_LENGTH };
    fill(keys::fault(field, error), &[("least", Password::MIN_LENGTH.into()), ("most", most.into())])
}

/// Returns the message about a field's error in the submitted form, or an empty string if it has none.
pub(crate) fn fault_of(form: Option<&FormState>, field: Field) -> String {
    let error = form.and_then(|form| form.sent.error.as_ref()?.fields.get(field));
    error.map(|error| fault(field, error)).unwrap_or_default()
}

/// Returns the message about the whole form and the messages about its fields, empty if there is no error.
pub(crate) fn summary(error: Option<&ApiError>) -> (String, Vec<(Field, String)>) {
    let faults = error.iter().flat_map(|error| error.fields.iter());
    (error.map(problem).unwrap_or_default(), faults.map(|(field, error)| (field, fault(field, error))).collect())
}

/// Returns the message about a failed request, and what to do next.
pub(crate) fn problem(error: &ApiError) -> String {
    match (error.code, error.retry_after) {
        (ErrorCode::TooManyAttempts, Some(seconds)) => {
            fill("problem-too-many-attempts-wait", &[("wait", span(seconds).into())])
        }
        (code, _) => say(keys::problem(code)),
    }
}

/// Returns a duration as text, rounded up: `40 seconds`, `2 minutes`, `3 hours`.
pub(crate) fn span(seconds: u32) -> String {
    match seconds.max(1) {
        seconds @ ..=60 => fill("wait-seconds", &[("seconds", seconds.into())]),
        seconds @ ..=7200 => fill("wait-minutes", &[("minutes", seconds.div_ceil(60).into())]),
        seconds => fill("wait-hours", &[("hours", seconds.div_ceil(3600).into())]),
    }
}

/// Returns the text for an event, with its count if it is more than one.
pub(crate) fn event(event: Event, count: u32) -> String {
    let key = match event {
        Event::SignedUp => "event-signed-up",
        Event::EmailVerified => "event-email-verified",
        Event::EmailChangeAsked => "event-email-change-asked",
        Event::EmailChangeCancelled => "event-email-change-cancelled",
        Event::EmailChanged => "event-email-changed",
        Event::AccountSecured => "event-account-secured",
        Event::LoggedIn => "event-logged-in",
        Event::LoggedInOnNewDevice => "event-logged-in-on-new-device",
        Event::AttemptFailed => "event-attempt-failed",
        Event::Confirmed => "event-confirmed",
        Event::PasswordChanged => "event-password-changed",
        Event::ResetAsked => "event-reset-asked",
        Event::PasswordReset => "event-password-reset",
        Event::LoggedOut => "event-logged-out",
        Event::DeviceSignedOut => "event-device-signed-out",
        Event::OtherDevicesSignedOut => "event-other-devices-signed-out",
        Event::TokenReused => "event-token-reused",
        Event::AccountMade => "event-account-made",
        Event::AccountDisabled => "event-account-disabled",
        Event::AccountEnabled => "event-account-enabled",
        Event::RoleChanged => "event-role-changed",
        Event::SignedOutByShop => "event-signed-out-by-shop",
    };
    let what = fill(key, &[("count", count.into())]);
    match event {
        // Its text contains the count.
        Event::AttemptFailed => what,
        _ if count > 1 => fill("event-times", &[("event", what.into()), ("count", count.into())]),
        _ => what,
    }
}

/// Returns all texts that an island needs: the errors of these fields, all problems, and the texts of `keys`. `title`
/// is that of its page. Placeholders in braces are filled in by the browser.
pub(crate) fn form_words(title: &str, fields: &[Field], keys: &[&str]) -> FormWords {
    let own = keys.iter().map(|key| ((*key).to_owned(), fill(key, &[("email", "{email}".into())])));
    let faults = fields.iter().flat_map(|field| {
        FieldError::ALL.iter().map(|error| (keys::fault(*field, *error).to_owned(), fault(*field, *error)))
    });
    let problems = ErrorCode::ALL.iter().map(|code| (keys::problem(*code).to_owned(), say(keys::problem(*code))));
    let wait = fill("problem-too-many-attempts-wait", &[("wait", "{wait}".into())]);
    let mut words: Vec<_> = own.chain(faults).chain(problems).collect();
    words.push(("problem-too-many-attempts-wait".to_owned(), wait));
    words.push(("error-summary".to_owned(), say("error-summary")));
    words.push(("title".to_owned(), title.to_owned()));
    words.push(("error-title".to_owned(), fill("error-title", &[("title", title.into())])));
    words.sort();
    words.dedup();
    FormWords::new(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_written_in_words_and_never_too_short() {
        let told = [0, 1, 2, 59, 60, 61, 119, 120, 3600, 7201, 86400].map(span);
        let expected = [
            "a second",
            "a second",
            "2 seconds",
            "59 seconds",
            "60 seconds",
            "2 minutes",
            "2 minutes",
            "2 minutes",
            "60 minutes",
            "3 hours",
            "24 hours",
        ];
        assert_eq!(told, expected);
        let refused = ApiError { retry_after: Some(40), ..ErrorCode::TooManyAttempts.into() };
        assert_eq!(problem(&refused), "Too many attempts. Try again in 40 seconds.");
    }

    #[test]
    fn the_api_and_the_pages_use_the_same_words_for_a_problem() {
        for code in ErrorCode::ALL {
            assert_eq!(problem(&code.into()), code.message());
        }
    }

    #[test]
    fn a_sentence_keeps_its_order_and_escapes_markup_in_its_values() {
        // Without the markers that Leptos adds between texts.
        let html = |key: &str, email: &str| {
            let view = || sentence_of(key, &[("email", email.into())], "/x").to_html();
            Owner::new().with(view).replace("<!>", "")
        };
        assert_eq!(
            html("email-proposed", "a@x.test"),
            "Check <strong>a@x.test</strong> for our link, or <a href=\"/x\">enter the code</a>."
        );
        assert!(!html("email-lead", "<script>").contains("<script>"));
    }
}

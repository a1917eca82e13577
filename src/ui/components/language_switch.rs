//! The language switch in the footer of every page.

use leptos::prelude::*;

use crate::{
    domain::Language,
    ui::{Frame, routes, say::say},
};

/// A button for each language, labelled in that language. A plain form, which needs no scripts.
#[component]
pub(crate) fn LanguageSwitch() -> impl IntoView {
    let Frame { language, here, .. } = Frame::current();
    let button = |other: Language| {
        view! {
            <button
                type="submit"
                name="language"
                value=other.code()
                lang=other.code()
                aria-current=(other == language).then_some("true")
            >
                {other.name()}
            </button>
        }
    };
    view! {
        <form class="languages" method="post" action=routes::CHOOSE_LANGUAGE aria-label=say("language")>
            {here.map(|here| view! { <input type="hidden" name="next" value=here.as_str().to_owned() /> })}
            {Language::ALL.map(button).collect_view()}
        </form>
    }
}

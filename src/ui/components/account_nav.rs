//! The navigation of the account pages.

use leptos::prelude::*;

use super::Avatar;
use crate::ui::{Frame, routes, say::say};

/// A page of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    Email,
    Security,
    Devices,
    Activity,
}

impl Section {
    const ALL: [Self; 5] = [Self::Overview, Self::Email, Self::Security, Self::Devices, Self::Activity];

    fn path(self) -> &'static str {
        match self {
            Self::Overview => routes::ACCOUNT,
            Self::Email => routes::EMAIL,
            Self::Security => routes::SECURITY,
            Self::Devices => routes::DEVICES,
            Self::Activity => routes::ACTIVITY,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Overview => say("account-nav-overview"),
            Self::Email => say("account-nav-email"),
            Self::Security => say("account-nav-security"),
            Self::Devices => say("account-nav-devices"),
            Self::Activity => say("account-nav-activity"),
        }
    }
}

/// The customer's name and the links to the account pages; `current` is the page itself.
#[component]
pub(crate) fn AccountNav(current: Section) -> impl IntoView {
    let name = Frame::current().customer.map(|customer| customer.name).unwrap_or_default();
    let entry = |section: Section| {
        view! {
            <li>
                <a href=section.path() aria-current=(section == current).then_some("page")>{section.name()}</a>
            </li>
        }
    };
    view! {
        <nav class="account-nav" aria-label=say("account-nav")>
            <p class="account-who"><Avatar name=name.clone() /><span>{name}</span></p>
            <ul>{Section::ALL.map(entry).collect_view()}</ul>
        </nav>
    }
}

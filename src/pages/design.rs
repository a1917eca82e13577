//! `/dev/design`
//!
//! Its texts are for developers, and in English only.

use leptos::prelude::*;

use crate::{
    accounts::Error,
    domain::Field,
    ui::{
        components::{
            Alert, Avatar, Card, ConfirmDialog, Day, EmptyState, ErrorSummary, Framed, List, ListItem, Minute,
            PasswordField, PasswordWords, Skeleton, SubmitButton, TextField, Toast,
        },
        routes,
        say::say,
    },
    web::{access::Access, page::Page, page_visit::PageVisit, query::NoQuery},
};

/// The colours of `style/tokens.css`; each has a class with its name in `style/pages.css`.
const COLOURS: [&str; 10] =
    ["paper", "surface", "sunken", "ink", "ink-soft", "line", "accent", "accent-soft", "brass", "danger"];

/// Every component in every state, with this shop's theme and in the selected language.
pub struct Design;

impl Page for Design {
    const PATH: &'static str = routes::DEV_DESIGN;
    const ACCESS: Access = Access::Developer;
    type Query = NoQuery;
    type Data = ();

    async fn load(visit: &PageVisit, _: NoQuery) -> Result<(), Error> {
        if visit.state().public_url.is_loopback() { Ok(()) } else { Err(Error::NotFound) }
    }

    fn view((): ()) -> AnyView {
        view! {
            <Framed title="Design".to_owned()>
                <p class="lead">"Every component in every state. Narrow the window, switch to dark, use the keyboard."</p>
                <div class="cards">
                    <Colours />
                    <Type />
                    <Buttons />
                    <Fields />
                    <Messages />
                    <Lists />
                    <Waiting />
                </div>
            </Framed>
        }
        .into_any()
    }
}

#[component]
fn Colours() -> impl IntoView {
    let swatch = |name: &'static str| view! { <li><span class=format!("swatch {name}")></span> {name}</li> };
    view! {
        <Card id="colours" title="Colours".to_owned()>
            <ul class="swatches">{COLOURS.map(swatch).collect_view()}</ul>
        </Card>
    }
}

#[component]
fn Type() -> impl IntoView {
    view! {
        <Card id="type" title="Type".to_owned()>
            <p class="display">"The door is open"</p>
            <p class="lead">"A lead says what a page is for."</p>
            <p>"Text, with " <a href="#type">"a link"</a> ", " <strong>"stress"</strong> " and " <small>"an aside"</small> "."</p>
            <p>"A moment: " <Minute at="2026-11-27T13:02:00.000Z".to_owned() /> ", a day: " <Day at="2026-11-27T13:02:00.000Z".to_owned() /></p>
        </Card>
    }
}

#[component]
fn Buttons() -> impl IntoView {
    view! {
        <Card id="buttons" title="Buttons".to_owned()>
            <p class="actions">
                <button class="button" type="button">"Primary"</button>
                <button class="button quiet" type="button">"Quiet"</button>
                <button class="button small" type="button">"Small"</button>
                <button class="button" type="button" aria-disabled="true">"Busy…"</button>
                <button class="link" type="button">"Link"</button>
            </p>
            <form class="narrow" method="get" data-confirm="design-dialog">
                <SubmitButton label="Open a dialog".to_owned() busy_label="Busy…".to_owned() />
            </form>
            <ConfirmDialog
                id="design-dialog"
                title="Do it?".to_owned()
                lead="A dialog is native, and leaves the focus where it was.".to_owned()
                action="/dev/design"
                yes="Do it".to_owned()
                busy="Doing it…".to_owned()
            />
        </Card>
    }
}

#[component]
fn Fields() -> impl IntoView {
    view! {
        <Card id="fields" title="Fields".to_owned()>
            <form class="narrow" method="get" novalidate>
                <TextField field=Field::Name label=say("field-name") autocomplete="off" value="Ada Lovelace" error=String::new() />
                <TextField
                    field=Field::Email
                    label=say("field-email")
                    hint="A hint says what is expected.".to_owned()
                    autocomplete="off"
                    value="nobody"
                    error=say("fault-email")
                />
                <PasswordField
                    field=Field::CurrentPassword
                    label=say("field-current-password")
                    words=PasswordWords::new(say)
                    error=String::new()
                />
                <PasswordField
                    label=say("field-new-password")
                    words=PasswordWords::new(say)
                    is_new=true
                    hint=say("sign-up-password-hint")
                    error=String::new()
                />
            </form>
        </Card>
    }
}

#[component]
fn Messages() -> impl IntoView {
    let faults = vec![(Field::Email, say("fault-email"))];
    view! {
        <Card id="messages" title="Messages".to_owned()>
            <ErrorSummary title=say("error-summary") message=say("problem-invalid") faults />
            <Alert>"An alert says what to know before going on, " <a href="#messages">"and where"</a> "."</Alert>
            <Toast text="A toast says that something was done.".to_owned() />
        </Card>
    }
}

#[component]
fn Lists() -> impl IntoView {
    let quiet = || view! { <button class="button quiet small" type="button">"Sign out"</button> };
    view! {
        <Card id="lists" title="Lists".to_owned()>
            <p><Avatar name="Ada Lovelace".to_owned() /></p>
            <List>
                <ListItem title="Firefox on Linux".to_owned() badge="This device".to_owned()><p>"from 203.0.113.7"</p></ListItem>
                <ListItem title="Safari on iPhone".to_owned() action=quiet><p>"from 203.0.113.8"</p></ListItem>
            </List>
            <p><span class="badge good">"Verified"</span> " " <span class="badge">"Not verified yet"</span></p>
        </Card>
    }
}

#[component]
fn Waiting() -> impl IntoView {
    view! {
        <Card id="waiting" title="Nothing, or not yet".to_owned()>
            <EmptyState title="Nothing here".to_owned() lead="An empty state says what will be here.".to_owned() />
            <Skeleton />
        </Card>
    }
}

//! The page for a path where there is none.

use leptos::prelude::*;

use crate::{
    accounts::Error,
    ui::{components::Framed, routes, say::say},
    web::{access::Access, page::Page, page_visit::PageVisit, query::NoQuery},
};

/// Says so, and shows the way back.
pub struct NotFound;

impl Page for NotFound {
    const PATH: &'static str = "/not-found";
    const ACCESS: Access = Access::Anyone;
    type Query = NoQuery;
    type Data = ();

    async fn load(_: &PageVisit, _: NoQuery) -> Result<(), Error> {
        Ok(())
    }

    fn view((): ()) -> AnyView {
        view! {
            <Framed title=say("not-found-title")>
                <p class="lead">{say("not-found-lead")}</p>
                <p><a class="button" href=routes::HOME>{say("not-found-home")}</a></p>
            </Framed>
        }
        .into_any()
    }
}

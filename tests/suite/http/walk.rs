//! Tests the access to every page and endpoint, with each kind of caller, from the lists themselves.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use doorstep::{
    accounts::Whom, composition::Mailing, domain::Role, endpoints::ENDPOINTS, pages::PAGES, web::access::Access,
};

use super::harness::{App, Client, Options};
use crate::mail::sender;

/// A kind of caller.
#[derive(Debug)]
enum Caller {
    Visitor,
    /// A visitor who signed up and has not verified the address.
    PendingSignUp,
    Customer,
    Administrator,
}

async fn callers(app: &App) -> [(Caller, Client); 4] {
    let customer = app.signed_up("ada@x.test").await;
    let administrator = app.signed_up("boss@x.test").await;
    let boss = Whom::parse("boss@x.test").unwrap();
    app.back_office().set_role(&boss, Role::Admin).await.unwrap();
    let mailing = Mailing::Kept(Arc::new(sender()));
    let strict = App::with(Options { requires_verified_email: true, mailing, ..Options::default() }).await;
    let mut pending = strict.client();
    pending.sign_up("eve@x.test").await.expect(StatusCode::ACCEPTED);
    let mut newcomer = app.client();
    newcomer.cookies = pending.cookies;
    [
        (Caller::Visitor, app.client()),
        (Caller::PendingSignUp, newcomer),
        (Caller::Customer, customer),
        (Caller::Administrator, administrator),
    ]
}

/// Returns the status of a page for a caller.
fn expected(access: Access, caller: &Caller) -> StatusCode {
    match (access, caller) {
        (Access::Anyone, _)
        | (Access::SignedIn, Caller::Customer | Caller::Administrator)
        | (Access::SignedOut, Caller::Visitor | Caller::PendingSignUp)
        | (Access::Staff, Caller::Administrator) => StatusCode::OK,
        // Redirected to the login, or from the login to the account.
        (Access::SignedIn | Access::Staff, Caller::Visitor | Caller::PendingSignUp)
        | (Access::SignedOut, Caller::Customer | Caller::Administrator) => StatusCode::SEE_OTHER,
        // The client comes from another machine.
        (Access::Staff, Caller::Customer) | (Access::Developer, _) => StatusCode::NOT_FOUND,
    }
}

#[tokio::test]
async fn every_page_is_shown_only_to_callers_with_access() {
    let app = App::new().await;
    for (caller, mut client) in callers(&app).await {
        // Pages for developers are for requests from the machine itself.
        client.address = [192, 0, 2, 1].into();
        for page in PAGES {
            client.get_page(page.path).await.expect(expected(page.access, &caller));
        }
    }
}

#[tokio::test]
async fn a_duplicate_parameter_is_refused_on_a_page_and_an_unknown_page_stays_not_found() {
    let app = App::new().await;
    let mut visitor = app.client();
    for (path, status) in [("/login", StatusCode::UNPROCESSABLE_ENTITY), ("/nothing", StatusCode::NOT_FOUND)] {
        for query in ["next=/a&next=/b", "next=%ff&next"] {
            visitor.get_page(&format!("{path}?{query}")).await.expect(status);
        }
    }
}

#[tokio::test]
async fn every_endpoint_for_customers_refuses_a_visitor_before_it_does_anything() {
    let app = App::new().await;
    let mut refused = 0;
    let [visitor, pending, ..] = callers(&app).await;
    for (caller, mut client) in [visitor, pending] {
        client.address = [192, 0, 2, 1].into();
        for endpoint in ENDPOINTS {
            let answer = match endpoint.method {
                Method::GET => client.get(endpoint.path).await,
                _ => client.post_json(endpoint.path, "{}").await,
            };
            match endpoint.access {
                Access::Anyone => {}
                Access::SignedIn | Access::Staff => {
                    refused += 1;
                    let code = answer.expect(StatusCode::UNAUTHORIZED).code();
                    assert_eq!(code, "unauthenticated", "{} as {caller:?}", endpoint.path);
                }
                Access::Developer | Access::SignedOut => drop(answer.expect(StatusCode::NOT_FOUND)),
            }
        }
    }
    assert!(refused > 20, "{refused}");
}

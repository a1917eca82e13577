//! Tests the access to every page and endpoint, with each kind of caller, from the lists themselves.

use axum::http::{Method, StatusCode};
use doorstep::{endpoints::ENDPOINTS, pages::PAGES, web::access::Access};

use super::harness::{App, Client};

/// A kind of caller.
enum Caller {
    Visitor,
    Customer,
}

async fn callers(app: &App) -> [(Caller, Client); 2] {
    [(Caller::Visitor, app.client()), (Caller::Customer, app.signed_up("ada@x.test").await)]
}

/// Returns the status of a page for a caller.
fn expected(access: Access, caller: &Caller) -> StatusCode {
    match (access, caller) {
        (Access::Anyone, _) | (Access::SignedIn, Caller::Customer) | (Access::SignedOut, Caller::Visitor) => {
            StatusCode::OK
        }
        // Redirected to the login, or from the login to the account.
        (Access::SignedIn | Access::Staff, Caller::Visitor) | (Access::SignedOut, Caller::Customer) => {
            StatusCode::SEE_OTHER
        }
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
    let mut visitor = app.client();
    visitor.address = [192, 0, 2, 1].into();
    let mut refused = 0;
    for endpoint in ENDPOINTS {
        let answer = match endpoint.method {
            Method::GET => visitor.get(endpoint.path).await,
            _ => visitor.post_json(endpoint.path, "{}").await,
        };
        match endpoint.access {
            Access::Anyone => {}
            Access::SignedIn | Access::Staff => {
                refused += 1;
                assert_eq!(answer.expect(StatusCode::UNAUTHORIZED).code(), "unauthenticated", "{}", endpoint.path);
            }
            Access::Developer | Access::SignedOut => drop(answer.expect(StatusCode::NOT_FOUND)),
        }
    }
    assert!(refused > 10, "{refused}");
}

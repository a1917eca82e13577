//! Who asks for mail: what a browser knows of one account is worth nothing at another.

use axum::http::StatusCode;
use serde_json::json;

use super::{
    budgets::{VERIFY, ask_for_reset, lenient, post, resend, strict, type_code},
    world::{Place, code, on_both_stores},
};
use crate::{http::harness::Client, stores::harness::somebody};

on_both_stores![
    n5_a4_no_cookie_of_another_account_buys_mails_to_this_address,
    n5_a4_customers_together_propose_one_address_only_so_often,
    n5_the_code_of_a_browser_is_that_of_its_latest_sign_up,
];

async fn n5_a4_no_cookie_of_another_account_buys_mails_to_this_address(place: &Place) {
    let world = strict(place).await;
    let (ada, bob, eve) = (somebody(), somebody(), somebody());
    world.client().sign_up(&ada).await.expect(StatusCode::ACCEPTED);
    let mut customer = world.client();
    customer.sign_up(&bob).await.expect(StatusCode::ACCEPTED);
    let code = code(&world.mail(&bob, VERIFY, 1).await);
    type_code(&mut customer, &code).await.expect(StatusCode::OK);
    let mut newcomer = world.client();
    newcomer.sign_up(&eve).await.expect(StatusCode::ACCEPTED);

    // What strangers in this network may ask for is used up.
    for _ in 0..5 {
        resend(&mut world.client(), &ada).await.expect(StatusCode::OK);
    }
    for _ in 0..3 {
        ask_for_reset(&mut world.client(), &ada).await.expect(StatusCode::OK);
    }
    for (of, names) in [
        (&customer, &["browser"] as &[&str]),
        (&customer, &["accessToken", "refreshToken"]),
        (&newcomer, &["newcomer"]),
    ] {
        let mut stranger: Client = world.client();
        stranger.cookies.extend(names.iter().map(|name| ((*name).to_owned(), of.cookies[*name].clone())));
        resend(&mut stranger, &ada).await.expect(StatusCode::TOO_MANY_REQUESTS);
        ask_for_reset(&mut stranger, &ada).await.expect(StatusCode::TOO_MANY_REQUESTS);
    }
    // At their own addresses they have budgets of their own.
    resend(&mut customer, &bob).await.expect(StatusCode::OK);
    ask_for_reset(&mut customer, &bob).await.expect(StatusCode::OK);
    resend(&mut newcomer, &eve).await.expect(StatusCode::OK);
}

async fn n5_a4_customers_together_propose_one_address_only_so_often(place: &Place) {
    let world = lenient(place).await;
    let new = somebody();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let mut client = world.signed_up(&somebody()).await;
        for _ in 0..5 {
            statuses.push(post(&mut client, "change-email", json!({ "email": new })).await.status);
        }
    }
    let expected = [[StatusCode::OK; 5], [StatusCode::OK; 5], [StatusCode::TOO_MANY_REQUESTS; 5]];
    assert_eq!(statuses, expected.as_flattened());
}

async fn n5_the_code_of_a_browser_is_that_of_its_latest_sign_up(place: &Place) {
    let world = strict(place).await;
    let (bob, ada) = (somebody(), somebody());
    let mut client = world.client();
    client.sign_up(&bob).await.expect(StatusCode::ACCEPTED);
    client.sign_up(&ada).await.expect(StatusCode::ACCEPTED);
    let code = code(&world.mail(&ada, VERIFY, 1).await);
    type_code(&mut client, &code).await.expect(StatusCode::OK);
    assert_eq!(client.profile().await.expect(StatusCode::OK).json()["email"], ada);
}

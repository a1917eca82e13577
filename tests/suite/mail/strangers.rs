//! Requests for mail: a browser that is known to one account has no advantage for another.

use axum::http::StatusCode;
use serde_json::json;

use super::{
    budgets::{VERIFY, ask_for_reset, elsewhere, lenient, post, resend, strict, type_code},
    world::{Place, code, on_both_stores},
};
use crate::{
    http::harness::{Client, PASSWORD},
    stores::harness::somebody,
};

on_both_stores![
    n5_a4_no_cookie_of_another_account_buys_mails_to_this_address,
    n5_a4_customers_together_propose_one_address_only_so_often,
    n5_the_code_of_a_browser_is_that_of_its_latest_sign_up,
    n5_a4_strangers_on_one_network_do_not_stop_the_sign_up_of_an_address_elsewhere,
    n18_browsers_on_one_network_have_only_a_few_mails_sent_to_an_address,
    n18_a_password_that_is_changed_again_and_again_is_told_by_a_few_mails,
    n5_an_account_that_was_never_verified_gives_way_to_a_customer_who_reads_its_mail,
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

    // Uses up the budget of strangers in this network.
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
    // At their own addresses, they have their own budgets.
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

async fn n5_a4_strangers_on_one_network_do_not_stop_the_sign_up_of_an_address_elsewhere(place: &Place) {
    let world = strict(place).await;
    let email = somebody();
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(world.client().sign_up(&email).await.status);
    }
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");
    elsewhere(&world).sign_up(&email).await.expect(StatusCode::ACCEPTED);
}

async fn n18_browsers_on_one_network_have_only_a_few_mails_sent_to_an_address(place: &Place) {
    let world = strict(place).await;
    let email = somebody();
    let mut sent = 0;
    for _ in 0..10 {
        let mut browser = world.client();
        sent += u32::from(browser.sign_up(&email).await.status == StatusCode::ACCEPTED);
        for _ in 0..5 {
            sent += u32::from(resend(&mut browser, "").await.status == StatusCode::OK);
        }
    }
    assert!(sent <= 16, "{sent}");
}

async fn n18_a_password_that_is_changed_again_and_again_is_told_by_a_few_mails(place: &Place) {
    let world = lenient(place).await;
    let email = somebody();
    let mut client = world.signed_up(&email).await;
    let mut current = PASSWORD.to_owned();
    for number in 0..8 {
        let new = format!("{number} quiet otters and a heron");
        let form = json!({ "current_password": current, "password": new });
        post(&mut client, "change-password", form).await.expect(StatusCode::OK);
        current = new;
    }
    // A mail that is sent after all of them.
    let new = somebody();
    post(&mut client, "change-email", json!({ "email": new })).await.expect(StatusCode::OK);
    world.mail(&new, "Confirm your new email address", 1).await;
    assert_eq!(world.server.wait_for(&email, "Your password was changed", 5).await.len(), 5);
}

/// If addresses have to be verified, an account cannot be used before.
async fn n5_an_account_that_was_never_verified_gives_way_to_a_customer_who_reads_its_mail(place: &Place) {
    let world = strict(place).await;
    let (ada, new) = (somebody(), somebody());
    let mut owner = world.client();
    owner.sign_up(&ada).await.expect(StatusCode::ACCEPTED);
    let sign_up = code(&world.mail(&ada, VERIFY, 1).await);
    type_code(&mut owner, &sign_up).await.expect(StatusCode::OK);
    owner.log_in(&ada, PASSWORD).await.expect(StatusCode::OK);

    // A stranger signs up before the change is requested, and again before it is completed.
    let mut stranger = world.client();
    stranger.sign_up(&new).await.expect(StatusCode::ACCEPTED);
    post(&mut owner, "change-email", json!({ "email": new })).await.expect(StatusCode::OK);
    let change = code(&world.mail(&new, "Confirm your new email address", 1).await);
    world.client().sign_up(&new).await.expect(StatusCode::ACCEPTED);
    post(&mut owner, "change-email/confirm", json!({ "code": change })).await.expect(StatusCode::OK);
    let email = owner.get("/api/auth/email").await.expect(StatusCode::OK).json();
    assert_eq!(email, json!({ "email": new, "verified": true }));
    let stolen = code(&world.mail(&new, VERIFY, 1).await);
    type_code(&mut stranger, &stolen).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
}

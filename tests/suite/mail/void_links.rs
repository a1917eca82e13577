//! Links that are void although they were not used: a newer one was sent, or a credential event happened.

use axum::http::StatusCode;
use serde_json::json;

use super::{
    events::{Account, Event, NEW, post, reset, reset_link},
    world::{Place, World, code, on_both_stores, token},
};
use crate::http::harness::{Client, Options, PASSWORD};

on_both_stores![
    v7_a_newer_link_voids_the_older_and_is_valid,
    v7_every_credential_event_voids_all_earlier_links,
    v7_a_verification_in_the_browser_that_signed_up_voids_the_reset_link,
];

const VERIFY: &str = "Verify your email address";

async fn world(place: &Place) -> World {
    place.world(Options::default()).await
}

/// Requests a verification link, the `count`th, and returns its token.
async fn verification_link(world: &World, email: &str, count: usize) -> String {
    post(&mut world.client(), "verify-email/resend", json!({ "email": email })).await.expect(StatusCode::OK);
    token(&world.mail(email, VERIFY, count).await, "/verify-email")
}

/// Checks that none of these links gives access in any of these browsers.
async fn expect_void(event: &str, clients: &mut [Client], verifications: &[String], resets: &[String]) {
    for client in clients {
        for token in resets {
            let answer = reset(client, token, "another long phrase").await;
            assert_eq!(answer.status, StatusCode::GONE, "a reset link after {event}");
        }
        for token in verifications {
            let answer = post(client, "verify-email", json!({ "token": token })).await;
            assert_eq!(answer.status, StatusCode::GONE, "a verification link after {event}");
            let page = client.get_page(&format!("/verify-email?token={token}")).await;
            assert!(!page.body.contains("Verify my email address"), "after {event}: {page:?}");
        }
    }
}

async fn v7_a_newer_link_voids_the_older_and_is_valid(place: &Place) {
    let world = world(place).await;
    for uses_reset in [true, false] {
        let email = format!("{uses_reset}@x.test");
        let mut account = Account::new(&world, &email).await;
        let newer_verification = verification_link(&world, &email, 2).await;
        let newer_reset = reset_link(&world, &mut account.thief, &email, 2).await;
        let clients = &mut [account.owner.clone(), world.client()];
        expect_void("a newer one", clients, &[account.verification], &[account.reset]).await;
        if uses_reset {
            reset(&mut world.client(), &newer_reset, NEW).await.expect(StatusCode::OK);
        } else {
            post(&mut account.owner, "verify-email", json!({ "token": newer_verification }))
                .await
                .expect(StatusCode::OK);
        }
    }
}

async fn v7_every_credential_event_voids_all_earlier_links(place: &Place) {
    let world = world(place).await;
    for (event, mut account) in Event::ALL.into_iter().zip(Account::several(&world, Event::ALL.len()).await) {
        let links = (account.verification.clone(), account.reset.clone());
        let proposed = format!("proposed.{}", account.email);
        post(&mut account.owner, "change-email", json!({ "email": proposed })).await.expect(StatusCode::OK);
        let change = token(&world.mail(&proposed, "Confirm your new email address", 1).await, "/change-email");
        event.happen(&world, &mut account).await;
        // Not in the session that requested it either, if that continues.
        let changed = post(&mut account.owner, "change-email/confirm", json!({ "token": change })).await.status;
        assert!([StatusCode::GONE, StatusCode::UNAUTHORIZED].contains(&changed), "a change after {event:?}: {changed}");
        let clients = &mut [account.owner, account.thief, world.client()];
        expect_void(&format!("{event:?}"), clients, &[links.0], &[links.1]).await;
        world.client().log_in(&account.email, "another long phrase").await.expect(StatusCode::UNAUTHORIZED);
    }
}

async fn v7_a_verification_in_the_browser_that_signed_up_voids_the_reset_link(place: &Place) {
    let world = place.world(Options { requires_verified_email: true, ..Options::default() }).await;
    let mut owner = world.client();
    owner.sign_up("ada@x.test").await.expect(StatusCode::ACCEPTED);
    let mail = world.mail("ada@x.test", VERIFY, 1).await;
    let link = reset_link(&world, &mut world.client(), "ada@x.test", 1).await;
    post(&mut owner, "verify-email", json!({ "code": code(&mail) })).await.expect(StatusCode::OK);
    let clients = &mut [owner, world.client()];
    expect_void("a verification", clients, &[token(&mail, "/verify-email")], &[link]).await;
    world.client().log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
}

//! A squatter signs up with another person's address and prepares the account. Its owner comes later.

use axum::http::StatusCode;
use serde_json::json;

use super::{
    budgets::elsewhere,
    events::{Account, NEW, post, reset},
    world::{Place, World, code, on_both_stores, token},
};
use crate::{
    http::harness::{Client, Options, PASSWORD},
    stores::harness::new_email,
};

on_both_stores![
    r3_nothing_that_a_squatter_prepared_outlives_the_owners_verification,
    r3_nothing_that_a_squatter_prepared_outlives_the_owners_reset,
    n5_accounts_that_had_an_address_before_keep_no_theft_secret,
];

const CHANGE: &str = "Confirm your new email address";

/// A squatter with two sessions, a known browser, a requested reset link, and a pending change to an address of theirs.
struct Scene {
    world: World,
    squatter: Account,
    link: String,
    code: String,
}

impl Scene {
    async fn new(place: &Place) -> Self {
        let world = place.world(Options::default()).await;
        let mut squatter = Account::new(&world, "ada@x.test").await;
        post(&mut squatter.owner, "change-email", json!({ "email": "eve@x.test" })).await.expect(StatusCode::OK);
        let mail = world.mail("eve@x.test", CHANGE, 1).await;
        Self { world, squatter, link: token(&mail, "/change-email"), code: code(&mail) }
    }

    /// Checks that the account has the owner's address, and that nothing of the squatter's gives access. The password
    /// is the owner's `NEW` by now.
    async fn expect_squatter_has_no_access(&self) {
        let mut owner = self.world.client();
        owner.log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
        let email = owner.get("/api/auth/email").await.expect(StatusCode::OK).json();
        assert_eq!(email, json!({ "email": "ada@x.test", "verified": true }));
        let Account { owner: first, thief: second, reset: link, .. } = &self.squatter;
        for mut client in [first.clone(), second.clone()] {
            for proof in [json!({ "token": self.link }), json!({ "code": self.code })] {
                post(&mut client, "change-email/confirm", proof).await.expect(StatusCode::UNAUTHORIZED);
            }
            client.profile().await.expect(StatusCode::UNAUTHORIZED);
            client.refresh().await.expect(StatusCode::UNAUTHORIZED);
            for email in ["ada@x.test", "eve@x.test"] {
                client.log_in(email, PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
            }
            reset(&mut client, link, "another long phrase").await.expect(StatusCode::GONE);
        }
        // The owner's own session cannot use it either.
        post(&mut owner, "change-email/confirm", json!({ "token": self.link })).await.expect(StatusCode::GONE);
        self.expect_unknown_browser(first).await;
    }

    /// Checks that the browser that signed up is not a known one.
    async fn expect_unknown_browser(&self, squatter: &Client) {
        let mut browser = self.world.client();
        browser.cookies.insert("browser".to_owned(), squatter.cookies["browser"].clone());
        browser.log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
        let told = browser.get("/api/auth/activity").await.expect(StatusCode::OK).body;
        assert!(told.contains("logged_in_on_new_device") && !told.contains("\"logged_in\""), "{told}");
    }
}

async fn r3_nothing_that_a_squatter_prepared_outlives_the_owners_verification(place: &Place) {
    let scene = Scene::new(place).await;
    let mut ada = scene.world.client();
    let form = json!({ "token": scene.squatter.verification });
    let verified = post(&mut ada, "verify-email", form).await.expect(StatusCode::OK);
    let (_, link) = verified.location().split_once("/reset-password?token=").unwrap();
    // Before the owner chooses a password, there is no valid one.
    for email in ["ada@x.test", "eve@x.test"] {
        scene.squatter.owner.clone().log_in(email, PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
    }
    let proof = json!({ "token": scene.link });
    post(&mut scene.squatter.owner.clone(), "change-email/confirm", proof).await.expect(StatusCode::UNAUTHORIZED);
    reset(&mut ada, link, NEW).await.expect(StatusCode::OK);
    scene.expect_squatter_has_no_access().await;
}

async fn r3_nothing_that_a_squatter_prepared_outlives_the_owners_reset(place: &Place) {
    let scene = Scene::new(place).await;
    reset(&mut scene.world.client(), &scene.squatter.reset, NEW).await.expect(StatusCode::OK);
    scene.expect_squatter_has_no_access().await;
}

/// A stranger creates accounts with the owner's address and moves each to another address, so that much mail was sent to
/// the owner's before they sign up.
async fn n5_accounts_that_had_an_address_before_keep_no_theft_secret(place: &Place) {
    let world = place.world(Options { rate_limits: true, ..Options::default() }).await;
    let ada = new_email();
    for _ in 0..8 {
        let mut squatter = elsewhere(&world);
        squatter.sign_up(&ada).await.expect(StatusCode::CREATED);
        move_to(&world, &mut squatter, &new_email()).await;
    }
    let mut thief = elsewhere(&world);
    thief.sign_up(&ada).await.expect(StatusCode::CREATED);
    let mut owner = world.client();
    owner.log_in(&ada, PASSWORD).await.expect(StatusCode::OK);
    let eve = new_email();
    move_to(&world, &mut thief, &eve).await;
    world.mail(&ada, "Someone asked to change your email address", 9).await;
    let undo = token(&world.mail(&ada, "Your email address was changed", 9).await, "/secure-account");
    post(&mut world.client(), "secure-account", json!({ "token": undo })).await.expect(StatusCode::OK);
    thief.profile().await.expect(StatusCode::UNAUTHORIZED);
    thief.log_in(&eve, PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
}

async fn move_to(world: &World, client: &mut Client, new: &str) {
    post(client, "change-email", json!({ "email": new })).await.expect(StatusCode::OK);
    let digits = code(&world.mail(new, CHANGE, 1).await);
    post(client, "change-email/confirm", json!({ "code": digits })).await.expect(StatusCode::OK);
}

//! Requests for mail: a browser that is known to one account has no advantage for another.

use axum::http::StatusCode;
use serde_json::json;
use time::Duration;

use super::{
    budgets::{VERIFY, ask_for_reset, elsewhere, lenient, post, resend, strict, type_code},
    world::{Place, World, code, on_both_stores},
};
use crate::{
    http::harness::{Answer, Client, PASSWORD},
    stores::harness::new_email,
};

on_both_stores![
    n5_a4_a_cookie_of_another_account_allows_no_more_mails_to_this_address,
    n5_a4_customers_together_propose_one_address_slowly_and_block_no_other,
    n18_one_network_can_propose_only_a_limited_number_of_address_changes,
    n5_a4_wrong_codes_for_a_sign_up_cost_no_attempt_at_the_code_of_a_change,
    n5_a4_repeated_sign_ups_of_an_address_are_slowed_down_and_never_blocked,
    n5_a4_a_sign_up_over_the_mail_limit_of_its_address_continues_with_a_requested_mail,
    n18_browsers_on_many_networks_have_only_a_few_mails_sent_to_an_address,
    n5_the_code_of_a_requested_mail_reclaims_the_account_of_a_later_sign_up,
    n5_the_code_of_a_browser_is_that_of_its_latest_sign_up,
    n5_a4_strangers_on_one_network_do_not_stop_the_sign_up_of_an_address_elsewhere,
    n18_browsers_on_one_network_have_only_a_few_mails_sent_to_an_address,
    n18_repeated_changes_of_the_password_send_only_a_few_mails,
    n5_an_unverified_account_gives_way_to_a_customer_who_can_read_its_mail,
];

async fn n5_a4_a_cookie_of_another_account_allows_no_more_mails_to_this_address(place: &Place) {
    let world = strict(place).await;
    let (ada, bob, eve) = (new_email(), new_email(), new_email());
    world.client().sign_up(&ada).await.expect(StatusCode::ACCEPTED);
    let mut customer = world.client();
    customer.sign_up(&bob).await.expect(StatusCode::ACCEPTED);
    let code = code(&world.mail(&bob, VERIFY, 1).await);
    type_code(&mut customer, &code).await.expect(StatusCode::OK);
    let mut pending_signup = world.client();
    pending_signup.sign_up(&eve).await.expect(StatusCode::ACCEPTED);

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
        (&pending_signup, &["newcomer"]),
    ] {
        let mut stranger: Client = world.client();
        stranger.cookies.extend(names.iter().map(|name| ((*name).to_owned(), of.cookies[*name].clone())));
        resend(&mut stranger, &ada).await.expect(StatusCode::TOO_MANY_REQUESTS);
        ask_for_reset(&mut stranger, &ada).await.expect(StatusCode::TOO_MANY_REQUESTS);
    }
    // At their own addresses, they have their own budgets.
    resend(&mut customer, &bob).await.expect(StatusCode::OK);
    ask_for_reset(&mut customer, &bob).await.expect(StatusCode::OK);
    resend(&mut pending_signup, &eve).await.expect(StatusCode::OK);
}

async fn propose(client: &mut Client, email: &str) -> Answer {
    post(client, "change-email", json!({ "email": email })).await
}

/// The first proposal of each customer is apart from those of the others: ten more are granted, then one a minute.
async fn n5_a4_customers_together_propose_one_address_slowly_and_block_no_other(place: &Place) {
    let world = lenient(place).await;
    let new = new_email();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let mut client = world.signed_up(&new_email()).await;
        for _ in 0..5 {
            statuses.push(propose(&mut client, &new).await.status);
        }
    }
    let (granted, refused) = statuses.split_at(13);
    assert_eq!((granted, refused), (&[StatusCode::OK; 13] as &[_], &[StatusCode::TOO_MANY_REQUESTS; 2] as &[_]));
    let mut owner = world.signed_up(&new_email()).await;
    propose(&mut owner, &new).await.expect(StatusCode::OK);
    let refused = propose(&mut owner, &new).await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), "60");
    world.app.clock.advance(Duration::MINUTE);
    propose(&mut owner, &new).await.expect(StatusCode::OK);
}

async fn n18_one_network_can_propose_only_a_limited_number_of_address_changes(place: &Place) {
    let world = lenient(place).await;
    let mut sent = 0;
    for _ in 0..8 {
        let mut client = world.signed_up(&new_email()).await;
        for _ in 0..5 {
            sent += u32::from(propose(&mut client, &new_email()).await.status == StatusCode::OK);
        }
    }
    assert_eq!(sent, 30);
    // In another network.
    let mut client = elsewhere(&world);
    client.sign_up(&new_email()).await.expect(StatusCode::CREATED);
    propose(&mut client, &new_email()).await.expect(StatusCode::OK);
}

/// Another session of the account signs up with other addresses and types wrong codes.
async fn n5_a4_wrong_codes_for_a_sign_up_cost_no_attempt_at_the_code_of_a_change(place: &Place) {
    let world = strict(place).await;
    let (email, new) = (new_email(), new_email());
    let mut owner = world.client();
    owner.sign_up(&email).await.expect(StatusCode::ACCEPTED);
    let sign_up = code(&world.mail(&email, VERIFY, 1).await);
    type_code(&mut owner, &sign_up).await.expect(StatusCode::OK);
    owner.log_in(&email, PASSWORD).await.expect(StatusCode::OK);
    propose(&mut owner, &new).await.expect(StatusCode::OK);
    let right = code(&world.mail(&new, "Confirm your new email address", 1).await);

    let mut thief = world.client();
    thief.log_in(&email, PASSWORD).await.expect(StatusCode::OK);
    for _ in 0..4 {
        thief.sign_up(&new_email()).await.expect(StatusCode::ACCEPTED);
        while type_code(&mut thief, "000000").await.status == StatusCode::UNPROCESSABLE_ENTITY {}
    }
    // Without a sign-up, the codes are for the address of the account.
    thief.cookies.remove("newcomer");
    while type_code(&mut thief, "000000").await.status == StatusCode::UNPROCESSABLE_ENTITY {}
    post(&mut owner, "change-email/confirm", json!({ "code": right })).await.expect(StatusCode::OK);
}

/// Signs up. If it is refused, it is for half a minute at most, and granted after that.
async fn sign_up_in_time(world: &World, client: &mut Client, email: &str) {
    let answer = client.sign_up(email).await;
    if answer.status == StatusCode::TOO_MANY_REQUESTS {
        let seconds: i64 = answer.header("retry-after").parse().unwrap();
        assert!(seconds <= 30, "{seconds}");
        world.app.clock.advance(Duration::seconds(seconds));
        client.sign_up(email).await.expect(StatusCode::ACCEPTED);
    } else {
        answer.expect(StatusCode::ACCEPTED);
    }
}

async fn n5_a4_repeated_sign_ups_of_an_address_are_slowed_down_and_never_blocked(place: &Place) {
    let world = strict(place).await;
    let email = new_email();
    for count in 1..=20 {
        sign_up_in_time(&world, &mut world.client(), &email).await;
        world.mail(&email, VERIFY, count).await;
    }
    // On the same network.
    let mut owner = world.client();
    sign_up_in_time(&world, &mut owner, &email).await;
    let right = code(&world.mail(&email, VERIFY, 21).await);
    type_code(&mut owner, &right).await.expect(StatusCode::OK);
    owner.profile().await.expect(StatusCode::OK);
}

async fn n5_a4_a_sign_up_over_the_mail_limit_of_its_address_continues_with_a_requested_mail(place: &Place) {
    let world = strict(place).await;
    let email = new_email();
    for count in 1..=40 {
        sign_up_in_time(&world, &mut elsewhere(&world), &email).await;
        world.mail(&email, VERIFY, count).await;
    }
    let unrequested = code(&world.mail(&email, VERIFY, 40).await);
    let (mut guesser, mut owner) = (elsewhere(&world), elsewhere(&world));
    for browser in [&mut guesser, &mut owner] {
        sign_up_in_time(&world, browser, &email).await;
    }
    resend(&mut owner, "").await.expect(StatusCode::OK);
    let mails = world.server.wait_for(&email, VERIFY, 41).await;
    assert_eq!(mails.len(), 41);
    let right = code(mails.last().unwrap());
    assert_ne!(right, unrequested);
    // A browser whose sign-up sent no mail has no code that it could guess.
    type_code(&mut guesser, &right).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let answer = type_code(&mut owner, &right).await.expect(StatusCode::OK);
    assert!(answer.location().contains("/reset-password?token="), "{answer:?}");
}

async fn n18_browsers_on_many_networks_have_only_a_few_mails_sent_to_an_address(place: &Place) {
    let world = strict(place).await;
    let email = new_email();
    let mut sent = 0;
    for _ in 0..10 {
        let mut browser = elsewhere(&world);
        sent += u32::from(browser.sign_up(&email).await.status == StatusCode::ACCEPTED);
        for _ in 0..5 {
            browser.address = elsewhere(&world).address;
            sent += u32::from(resend(&mut browser, "").await.status == StatusCode::OK);
        }
    }
    assert!(sent <= 30, "{sent}");
    // The first mail that another browser requests does not wait for the later ones of these.
    world.app.clock.advance(Duration::MINUTE);
    let mut owner = elsewhere(&world);
    owner.sign_up(&email).await.expect(StatusCode::ACCEPTED);
    resend(&mut owner, "").await.expect(StatusCode::OK);
}

async fn n5_the_code_of_a_requested_mail_reclaims_the_account_of_a_later_sign_up(place: &Place) {
    let world = strict(place).await;
    let email = new_email();
    let (mut owner, mut eve, mut earlier) = (world.client(), world.client(), world.client());
    earlier.sign_up(&email).await.expect(StatusCode::ACCEPTED);
    owner.sign_up(&email).await.expect(StatusCode::ACCEPTED);
    let form = json!({ "name": "Eve", "email": email, "password": "a heron and an otter" });
    post(&mut eve, "signup", form).await.expect(StatusCode::ACCEPTED);
    let unrequested = code(&world.mail(&email, VERIFY, 3).await);
    type_code(&mut owner, &unrequested).await.expect(StatusCode::UNPROCESSABLE_ENTITY);

    resend(&mut owner, "").await.expect(StatusCode::OK);
    let right = code(&world.mail(&email, VERIFY, 4).await);
    type_code(&mut earlier, &right).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let answer = type_code(&mut owner, &right).await.expect(StatusCode::OK);
    assert_eq!(answer.body, "{}");
    assert!(owner.has_no_session());
    // What the stranger chose has ended.
    eve.log_in(&email, "a heron and an otter").await.expect(StatusCode::UNAUTHORIZED);
    type_code(&mut eve, &right).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let (_, token) = answer.location().split_once("/reset-password?token=").unwrap();
    let form = json!({ "token": token, "password": "four quiet otters" });
    post(&mut owner, "reset-password", form).await.expect(StatusCode::OK);
    world.app.clock.advance(Duration::MINUTE);
    owner.log_in(&email, "four quiet otters").await.expect(StatusCode::OK);
}

async fn n5_the_code_of_a_browser_is_that_of_its_latest_sign_up(place: &Place) {
    let world = strict(place).await;
    let (bob, ada) = (new_email(), new_email());
    let mut client = world.client();
    client.sign_up(&bob).await.expect(StatusCode::ACCEPTED);
    client.sign_up(&ada).await.expect(StatusCode::ACCEPTED);
    let code = code(&world.mail(&ada, VERIFY, 1).await);
    type_code(&mut client, &code).await.expect(StatusCode::OK);
    assert_eq!(client.profile().await.expect(StatusCode::OK).json()["email"], ada);
}

async fn n5_a4_strangers_on_one_network_do_not_stop_the_sign_up_of_an_address_elsewhere(place: &Place) {
    let world = strict(place).await;
    let email = new_email();
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(world.client().sign_up(&email).await.status);
    }
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");
    elsewhere(&world).sign_up(&email).await.expect(StatusCode::ACCEPTED);
}

async fn n18_browsers_on_one_network_have_only_a_few_mails_sent_to_an_address(place: &Place) {
    let world = strict(place).await;
    let email = new_email();
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

async fn n18_repeated_changes_of_the_password_send_only_a_few_mails(place: &Place) {
    let world = lenient(place).await;
    let email = new_email();
    let mut client = world.signed_up(&email).await;
    let mut current = PASSWORD.to_owned();
    for number in 0..8 {
        let new = format!("{number} quiet otters and a heron");
        let form = json!({ "current_password": current, "password": new });
        post(&mut client, "change-password", form).await.expect(StatusCode::OK);
        current = new;
    }
    // A mail that is sent after all of them.
    let new = new_email();
    post(&mut client, "change-email", json!({ "email": new })).await.expect(StatusCode::OK);
    world.mail(&new, "Confirm your new email address", 1).await;
    assert_eq!(world.server.wait_for(&email, "Your password was changed", 5).await.len(), 5);
}

/// If addresses have to be verified, an account cannot be used before.
async fn n5_an_unverified_account_gives_way_to_a_customer_who_can_read_its_mail(place: &Place) {
    let world = strict(place).await;
    let (ada, new) = (new_email(), new_email());
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

//! Budgets of a shop that sends mail: requests by strangers do not block owners, and the delay in a refusal is
//! accurate.

use axum::http::StatusCode;
use serde_json::json;
use time::Duration;

use super::{
    Message,
    world::{Place, World, code, on_both_stores, token},
};
use crate::{
    http::harness::{Answer, Client, Options, PASSWORD},
    stores::harness::{new_email, random},
};

on_both_stores![
    n5_a4_sign_ups_and_wrong_codes_of_strangers_do_not_lock_the_owner_of_an_address,
    n5_a4_new_tickets_allow_only_a_limited_number_of_guesses,
    n5_a4_a_stranger_who_asks_for_resets_does_not_stop_the_owner,
    n5_a4_a_stranger_who_asks_for_verification_links_does_not_stop_the_owner,
    n5_a4_failed_logins_of_others_on_the_network_do_not_block_a_confirmation,
    n5_a4_after_the_time_of_a_refusal_the_next_attempt_is_granted,
    n5_a4_the_times_of_refusals_are_true_for_customers_too,
    n5_a4_wrong_codes_for_a_new_address_are_refused_for_a_day,
    n5_guesses_of_many_customers_at_the_code_of_one_address_are_limited_together,
    n18_new_accounts_with_a_strangers_address_send_it_few_mails,
    n5_links_to_a_thiefs_address_do_not_delay_the_undo_by_the_former_one,
    s4_passwords_for_valid_links_of_one_customer_are_hashed_one_after_the_other,
    n4_a6_a_login_before_the_address_is_verified_changes_no_observable_budget,
];

pub(super) const VERIFY: &str = "Verify your email address";
const CHANGE: &str = "Confirm your new email address";

pub(super) async fn strict(place: &Place) -> World {
    place.world(Options { rate_limits: true, requires_verified_email: true, ..Options::default() }).await
}

pub(super) async fn lenient(place: &Place) -> World {
    place.world(Options { rate_limits: true, ..Options::default() }).await
}

/// Returns a browser in another network.
pub(super) fn elsewhere(world: &World) -> Client {
    let mut client = world.client();
    client.address = random::<16>().into();
    client
}

pub(super) async fn post(client: &mut Client, path: &str, body: serde_json::Value) -> Answer {
    client.post_json(&format!("/api/auth/{path}"), body.to_string()).await
}

pub(super) async fn resend(client: &mut Client, email: &str) -> Answer {
    post(client, "verify-email/resend", json!({ "email": email })).await
}

pub(super) async fn type_code(client: &mut Client, code: &str) -> Answer {
    post(client, "verify-email", json!({ "code": code })).await
}

pub(super) async fn ask_for_reset(client: &mut Client, email: &str) -> Answer {
    post(client, "forgot-password", json!({ "email": email })).await
}

async fn confirm(client: &mut Client, password: &str) -> Answer {
    post(client, "confirm", json!({ "current_password": password })).await
}

/// Returns a different code.
fn wrong(right: &str) -> String {
    format!("{:06}", (right.parse::<u32>().unwrap() + 1) % 1_000_000)
}

async fn n18_new_accounts_with_a_strangers_address_send_it_few_mails(place: &Place) {
    let world = lenient(place).await;
    let stranger = new_email();
    for _ in 0..12 {
        let mut client = elsewhere(&world);
        client.sign_up(&stranger).await.expect(StatusCode::CREATED);
        for _ in 0..3 {
            resend(&mut client, "").await;
        }
        let own = new_email();
        post(&mut client, "change-email", json!({ "email": own })).await.expect(StatusCode::OK);
        let digits = code(&world.mail(&own, CHANGE, 1).await);
        post(&mut client, "change-email/confirm", json!({ "code": digits })).await.expect(StatusCode::OK);
    }
    // Sent after all others.
    let last = new_email();
    world.signed_up(&last).await;
    world.mail(&last, VERIFY, 1).await;
    // An account's own changes are always reported to it: each took its maker a sign-up and a mailbox.
    world.mail(&stranger, "Someone asked to change your email address", 12).await;
    world.mail(&stranger, "Your email address was changed", 12).await;
    let is_asked = |mail: &Message| mail.to.contains(&stranger) && mail.is_about(VERIFY);
    let sent = world.server.messages().into_iter().filter(is_asked).count();
    assert!((10..=22).contains(&sent), "{sent}");
}

async fn n5_links_to_a_thiefs_address_do_not_delay_the_undo_by_the_former_one(place: &Place) {
    let world = lenient(place).await;
    let (email, theft) = (new_email(), new_email());
    let mut thief = world.signed_up(&email).await;
    post(&mut thief, "change-email", json!({ "email": theft })).await.expect(StatusCode::OK);
    let digits = code(&world.mail(&theft, CHANGE, 1).await);
    post(&mut thief, "change-email/confirm", json!({ "code": digits })).await.expect(StatusCode::OK);
    let undo = token(&world.mail(&email, "Your email address was changed", 1).await, "/secure-account");
    for number in 1..=3 {
        let mut client = elsewhere(&world);
        ask_for_reset(&mut client, &theft).await.expect(StatusCode::OK);
        let link = token(&world.mail(&theft, "Reset your password", number).await, "/reset-password");
        let form = json!({ "token": link, "password": format!("{number} quiet otters swim") });
        post(&mut client, "reset-password", form).await.expect(StatusCode::OK);
    }
    let waited = world.app.clock.waited();
    post(&mut world.client(), "secure-account", json!({ "token": undo })).await.expect(StatusCode::OK);
    assert_eq!(world.app.clock.waited(), waited);
}

async fn s4_passwords_for_valid_links_of_one_customer_are_hashed_one_after_the_other(place: &Place) {
    let world = lenient(place).await;
    let email = new_email();
    world.signed_up(&email).await;
    for number in 1..=4 {
        let mut client = elsewhere(&world);
        ask_for_reset(&mut client, &email).await.expect(StatusCode::OK);
        let link = token(&world.mail(&email, "Reset your password", number).await, "/reset-password");
        let form = json!({ "token": link, "password": format!("{number} quiet otters swim") });
        let waited = world.app.clock.waited();
        post(&mut client, "reset-password", form).await.expect(StatusCode::OK);
        let more = world.app.clock.waited() - waited;
        assert_eq!(more, if number < 4 { Duration::ZERO } else { Duration::SECOND }, "{number}");
    }
}

async fn n5_a4_sign_ups_and_wrong_codes_of_strangers_do_not_lock_the_owner_of_an_address(place: &Place) {
    let world = strict(place).await;
    let email = new_email();
    let mut owner = world.client();
    owner.sign_up(&email).await.expect(StatusCode::ACCEPTED);
    for _ in 0..5 {
        let mut stranger = world.client();
        stranger.sign_up(&email).await.expect(StatusCode::ACCEPTED);
        for _ in 0..10 {
            type_code(&mut stranger, "000000").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        }
        type_code(&mut stranger, "000000").await.expect(StatusCode::TOO_MANY_REQUESTS);
    }
    // Their sign-up is counted again, and both of its mails arrive.
    owner.sign_up(&email).await.expect(StatusCode::ACCEPTED);
    world.mail(&email, VERIFY, 7).await;
    resend(&mut owner, "").await.expect(StatusCode::OK);
    let mail = world.mail(&email, VERIFY, 8).await;
    type_code(&mut owner, &wrong(&code(&mail))).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    type_code(&mut owner, &code(&mail)).await.expect(StatusCode::OK);
    owner.profile().await.expect(StatusCode::OK);
}

async fn n5_a4_new_tickets_allow_only_a_limited_number_of_guesses(place: &Place) {
    let world = strict(place).await;
    let email = new_email();
    let mut guesses = 0;
    for _ in 0..50 {
        let mut stranger = elsewhere(&world);
        if stranger.sign_up(&email).await.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        while type_code(&mut stranger, "000000").await.status == StatusCode::UNPROCESSABLE_ENTITY {
            guesses += 1;
        }
    }
    assert!((10..=100).contains(&guesses), "{guesses}");
}

async fn n5_a4_a_stranger_who_asks_for_resets_does_not_stop_the_owner(place: &Place) {
    let world = lenient(place).await;
    let email = new_email();
    let mut owner = world.signed_up(&email).await;
    owner.log_out().await.expect(StatusCode::OK);
    for network in 0..4 {
        let mut stranger = if network == 0 { world.client() } else { elsewhere(&world) };
        for _ in 0..3 {
            let status = ask_for_reset(&mut stranger, &email).await.status;
            assert!(network == 3 || status == StatusCode::OK, "{network}: {status}");
        }
        ask_for_reset(&mut stranger, &email).await.expect(StatusCode::TOO_MANY_REQUESTS);
        if network == 0 {
            // From an unknown browser in another network.
            ask_for_reset(&mut elsewhere(&world), &email).await.expect(StatusCode::OK);
        }
    }
    // From a browser that they used before, in a network whose budget a stranger has used up.
    ask_for_reset(&mut owner, &email).await.expect(StatusCode::OK);
}

async fn n5_a4_a_stranger_who_asks_for_verification_links_does_not_stop_the_owner(place: &Place) {
    let world = strict(place).await;
    let email = new_email();
    let mut owner = world.client();
    owner.sign_up(&email).await.expect(StatusCode::ACCEPTED);
    let mut stranger = world.client();
    while resend(&mut stranger, &email).await.status == StatusCode::OK {}
    for _ in 0..5 {
        resend(&mut owner, "").await.expect(StatusCode::OK);
    }
    resend(&mut owner, "").await.expect(StatusCode::TOO_MANY_REQUESTS);
    resend(&mut elsewhere(&world), &email).await.expect(StatusCode::OK);
}

async fn n5_a4_failed_logins_of_others_on_the_network_do_not_block_a_confirmation(place: &Place) {
    let world = lenient(place).await;
    let email = new_email();
    let mut owner = world.signed_up(&email).await;
    for _ in 0..20 {
        world.client().log_in(&new_email(), "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    }
    world.client().log_in(&email, PASSWORD).await.expect(StatusCode::TOO_MANY_REQUESTS);
    confirm(&mut owner, PASSWORD).await.expect(StatusCode::OK);
    // And links to the same account, requested from elsewhere.
    let mut stranger = elsewhere(&world);
    while stranger.log_in(&email, "wrong password").await.status == StatusCode::UNAUTHORIZED {}
    confirm(&mut owner, PASSWORD).await.expect(StatusCode::OK);
    owner.log_out().await.expect(StatusCode::OK);
    owner.log_in(&email, PASSWORD).await.expect(StatusCode::OK);
}

/// Sends requests from a browser that signed up, and once its ticket has expired, from another one.
async fn as_pending_signup(world: &World, client: &mut Client, ask: impl AsyncFn(&mut Client) -> Answer) -> Answer {
    let answer = ask(client).await;
    if answer.status != StatusCode::UNAUTHORIZED {
        return answer;
    }
    *client = elsewhere(world);
    client.sign_up(&new_email()).await.expect(StatusCode::ACCEPTED);
    ask(client).await
}

/// Repeats an attempt until it is refused, waits for the time in the refusal, and checks that the next attempt is
/// granted. Repeats all of that as long as it has an effect.
async fn refusals_are_true(world: &World, what: &str, mut attempt: impl AsyncFnMut() -> Answer) {
    let mut longest = 0;
    for _ in 0..6 {
        let mut tries = 0;
        let refused = loop {
            let answer = attempt().await;
            if answer.status == StatusCode::TOO_MANY_REQUESTS {
                break answer;
            }
            tries += 1;
            assert!(tries < 500, "{what} is not limited");
        };
        let seconds: i64 = refused.header("retry-after").parse().unwrap();
        longest = longest.max(seconds);
        world.app.clock.advance(Duration::seconds(seconds));
        let answer = attempt().await;
        assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{what} after {seconds} s: {answer:?}");
    }
    assert!(longest > 0, "{what}");
}

async fn n5_a4_after_the_time_of_a_refusal_the_next_attempt_is_granted(place: &Place) {
    let world = strict(place).await;
    let (email, clients) = (new_email(), || elsewhere(&world));
    let mut client = clients();
    refusals_are_true(&world, "sign-ups from a network", async || {
        client.cookies.clear();
        client.sign_up(&new_email()).await
    })
    .await;
    refusals_are_true(&world, "sign-ups of an address", async || clients().sign_up(&email).await).await;
    let mut client = clients();
    refusals_are_true(&world, "logins from a network", async || client.log_in(&new_email(), "wrong").await).await;
    refusals_are_true(&world, "logins to an account", async || clients().log_in(&email, "wrong").await).await;
    let mut client = clients();
    refusals_are_true(&world, "both", async || client.log_in(&email, "wrong").await).await;
    let mut client = clients();
    refusals_are_true(&world, "resets from a network", async || ask_for_reset(&mut client, &new_email()).await).await;
    refusals_are_true(&world, "resets of an account", async || ask_for_reset(&mut clients(), &email).await).await;
    let mut client = clients();
    refusals_are_true(&world, "resets of both", async || ask_for_reset(&mut client, &email).await).await;
    let mut client = clients();
    refusals_are_true(&world, "links from a network", async || resend(&mut client, &new_email()).await).await;
    refusals_are_true(&world, "links to an address", async || resend(&mut clients(), &email).await).await;
    let mut client = clients();
    refusals_are_true(&world, "links for a ticket", async || {
        as_pending_signup(&world, &mut client, async |client| resend(client, "").await).await
    })
    .await;
    let mut client = clients();
    refusals_are_true(&world, "codes", async || {
        as_pending_signup(&world, &mut client, async |client| type_code(client, "000000").await).await
    })
    .await;
}

async fn n5_a4_the_times_of_refusals_are_true_for_customers_too(place: &Place) {
    let world = lenient(place).await;
    let email = new_email();
    let mut client = world.signed_up(&email).await;
    refusals_are_true(&world, "confirmations", async || {
        let mut client = client.clone();
        confirm(&mut client, "wrong password").await
    })
    .await;
    // The clock has advanced: the confirmation and the tokens have expired.
    client.log_in(&email, PASSWORD).await.expect(StatusCode::OK);
    refusals_are_true(&world, "logins of a known browser", async || client.clone().log_in(&email, "wrong").await).await;
    world.app.clock.advance(Duration::HOUR);
    client.log_in(&email, PASSWORD).await.expect(StatusCode::OK);
    refusals_are_true(&world, "refreshes", async || client.refresh().await).await;
    let mut broken = elsewhere(&world);
    broken.cookies.insert("refreshToken".to_owned(), "nonsense".to_owned());
    refusals_are_true(&world, "refused refreshes", async || broken.clone().refresh().await).await;
    client.log_in(&email, PASSWORD).await.expect(StatusCode::OK);
    refusals_are_true(&world, "address changes", async || {
        client.log_in(&email, PASSWORD).await.expect(StatusCode::OK);
        post(&mut client, "change-email", json!({ "email": new_email() })).await
    })
    .await;
}

async fn n5_a4_wrong_codes_for_a_new_address_are_refused_for_a_day(place: &Place) {
    let world = lenient(place).await;
    let (new, mut client) = (new_email(), world.signed_up(&new_email()).await);
    post(&mut client, "change-email", json!({ "email": new })).await.expect(StatusCode::OK);
    let right = code(&world.mail(&new, CHANGE, 1).await);
    let mut tries = 0;
    let refused = loop {
        let answer = post(&mut client, "change-email/confirm", json!({ "code": wrong(&right) })).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
        tries += 1;
        assert!(tries < 50);
    };
    assert_eq!(refused.header("retry-after"), "86400", "not an hour, after which it would be refused again");
}

/// Each customer has ten attempts at the code of an address that they proposed, and anyone can create more accounts.
async fn n5_guesses_of_many_customers_at_the_code_of_one_address_are_limited_together(place: &Place) {
    let world = lenient(place).await;
    let new = new_email();
    let mut guesses = 0;
    for _ in 0..12 {
        let mut client = elsewhere(&world);
        client.sign_up(&new_email()).await.expect(StatusCode::CREATED);
        post(&mut client, "change-email", json!({ "email": new })).await.expect(StatusCode::OK);
        for _ in 0..10 {
            let answer = post(&mut client, "change-email/confirm", json!({ "code": "000000" })).await;
            guesses += usize::from(answer.status == StatusCode::UNPROCESSABLE_ENTITY);
        }
    }
    assert_eq!(guesses, 100);
    // The owner of the address uses the link instead, which cannot be guessed.
    let mut owner = world.signed_up(&new_email()).await;
    world.mail(&new, CHANGE, 12).await;
    post(&mut owner, "change-email", json!({ "email": new })).await.expect(StatusCode::OK);
    let mail = world.mail(&new, CHANGE, 13).await;
    let refused = post(&mut owner, "change-email/confirm", json!({ "code": code(&mail) })).await;
    refused.expect(StatusCode::TOO_MANY_REQUESTS);
    let proof = json!({ "token": token(&mail, "/change-email") });
    post(&mut owner, "change-email/confirm", proof).await.expect(StatusCode::OK);
}

async fn n4_a6_a_login_before_the_address_is_verified_changes_no_observable_budget(place: &Place) {
    let world = strict(place).await;
    let (pending, free) = (new_email(), new_email());
    let mut owner = world.client();
    owner.sign_up(&pending).await.expect(StatusCode::ACCEPTED);
    let mut observed = Vec::new();
    for email in [&pending, &free] {
        let mut stranger = elsewhere(&world);
        for _ in 0..8 {
            let mut answer = stranger.log_in(email, PASSWORD).await;
            answer.headers.remove("x-request-id");
            observed.push((answer.status, answer.header("retry-after").to_owned(), answer.body));
            world.app.clock.advance(Duration::seconds(5));
        }
        for _ in 0..8 {
            let answer = resend(&mut stranger, email).await;
            observed.push((answer.status, answer.header("retry-after").to_owned(), answer.body));
        }
        for _ in 0..5 {
            let answer = ask_for_reset(&mut stranger, email).await;
            observed.push((answer.status, answer.header("retry-after").to_owned(), answer.body));
        }
    }
    let (of_pending, of_free) = observed.split_at(observed.len() / 2);
    assert_eq!(of_pending, of_free);
    // The login sent a mail whose link is valid.
    let mail = world.mail(&pending, VERIFY, 2).await;
    assert!(!token(&mail, "/verify-email").is_empty());
}

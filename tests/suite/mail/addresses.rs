//! Changing the address, and reverting an unwanted change.

use axum::http::StatusCode;
use doorstep::{accounts::ports::Clock, domain::EmailAddress};
use serde_json::json;
use time::Duration;
use tokio::task::JoinSet;

use super::{
    events::{Account, Event},
    world::{Place, World, code, on_both_stores, token},
};
use crate::{
    http::harness::{Answer, App, Client, Options, PASSWORD},
    stores::harness::new_email,
};

on_both_stores![
    an_address_is_changed_by_a_link_and_the_old_one_is_notified,
    an_address_is_changed_by_a_code_and_wrong_ones_are_limited,
    a_proposed_address_is_shown_replaced_and_withdrawn,
    t9_a_changed_address_ends_all_other_sessions,
    n1_a1_a_change_is_completed_only_in_the_session_that_requested_it,
    n1_a3_the_current_address_is_notified_of_a_proposal_and_can_cancel_it,
    n1_a1_a_proposal_ends_with_every_credential_event,
    n1_a1_a_former_address_undoes_a_change_after_a_reset_at_the_new_one,
    t11_another_address_needs_a_proof_of_the_last_ten_minutes,
    r2_only_the_owner_of_a_taken_address_learns_that_it_is_taken,
    v2_of_twenty_uses_of_one_change_at_once_one_succeeds,
    v3_v4_looking_at_a_change_uses_nothing_up,
    this_was_not_me_ends_everything_until_a_new_password_is_chosen_by_mail,
    this_was_not_me_puts_an_address_back,
    this_was_not_me_takes_the_address_from_a_customer_who_signed_up_with_it_since,
    v2_a_used_link_of_a_former_address_stays_used,
    g1_a_disabled_account_keeps_its_address,
    this_was_not_me_restores_the_address_before_the_theft_and_not_an_older_one,
    n1_a1_a_theft_soon_after_an_honest_change_is_undone_from_the_new_address,
    n1_a1_an_address_that_came_back_has_its_own_72_hours,
    n5_a5_another_session_uses_up_no_attempt_at_the_code_of_a_change,
    v7_a_newer_proposal_of_the_same_address_voids_the_earlier_link,
    n3_a_customer_who_changes_their_address_keeps_a_known_browser,
    the_links_of_notices_are_valid_for_three_days_and_one_use,
    c8_an_address_is_changed_without_scripts,
];

const NEW: &str = "four quiet otters";
const CHANGE: &str = "Confirm your new email address";
const CHANGED: &str = "Your email address was changed";

async fn world(place: &Place) -> World {
    place.world(Options::default()).await
}

async fn propose(client: &mut Client, email: &str) -> Answer {
    client.post_json("/api/auth/change-email", json!({ "email": email }).to_string()).await
}

async fn change(client: &mut Client, token: &str) -> Answer {
    client.post_json("/api/auth/change-email/confirm", json!({ "token": token }).to_string()).await
}

async fn type_code(client: &mut Client, code: &str) -> Answer {
    client.post_json("/api/auth/change-email/confirm", json!({ "code": code }).to_string()).await
}

async fn secure(client: &mut Client, token: &str) -> Answer {
    client.post_json("/api/auth/secure-account", json!({ "token": token }).to_string()).await
}

async fn email_of(client: &mut Client) -> serde_json::Value {
    client.get("/api/auth/email").await.expect(StatusCode::OK).json()
}

async fn an_address_is_changed_by_a_link_and_the_old_one_is_notified(place: &Place) {
    let world = world(place).await;
    let mut client = world.signed_up("ada@x.test").await;
    propose(&mut client, "Ada@New.Test").await.expect(StatusCode::OK);
    let expected = json!({ "email": "ada@x.test", "verified": false, "pending": "ada@new.test" });
    assert_eq!(email_of(&mut client).await, expected);
    let link = token(&world.mail("ada@new.test", CHANGE, 1).await, "/change-email");
    let mut phone = world.client();
    let answer = change(&mut client, &link).await.expect(StatusCode::OK);
    // The session stays, and its browser gets a new id.
    let cookies = answer.set_cookies();
    let names: Vec<_> = cookies.iter().filter_map(|cookie| cookie.split('=').next()).collect();
    assert_eq!(names, ["browser"], "{answer:?}");
    assert_eq!(email_of(&mut client).await, json!({ "email": "ada@new.test", "verified": true }));
    world.mail("ada@x.test", CHANGED, 1).await;
    phone.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
    phone.log_in("ada@new.test", PASSWORD).await.expect(StatusCode::OK);
    assert_eq!(change(&mut phone, &link).await.expect(StatusCode::GONE).code(), "link_expired");
    change(&mut client, &link).await.expect(StatusCode::GONE);
    let told = client.get("/api/auth/activity").await.body;
    assert!(told.contains("email_change_asked") && told.contains("email_changed"), "{told}");
}

async fn an_address_is_changed_by_a_code_and_wrong_ones_are_limited(place: &Place) {
    let world = place.world(Options { rate_limits: true, ..Options::default() }).await;
    let (old, new) = (new_email(), new_email());
    let mut client = world.signed_up(&old).await;
    propose(&mut client, &new).await.expect(StatusCode::OK);
    let right = code(&world.mail(&new, CHANGE, 1).await);
    type_code(&mut world.client(), &right).await.expect(StatusCode::UNAUTHORIZED);
    let wrong = format!("{:06}", (right.parse::<u32>().unwrap() + 1) % 1_000_000);
    for _ in 0..9 {
        type_code(&mut client, &wrong).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
    type_code(&mut client, &right).await.expect(StatusCode::OK);
    assert_eq!(email_of(&mut client).await["email"], new);
    type_code(&mut client, &right).await.expect(StatusCode::UNPROCESSABLE_ENTITY);

    propose(&mut client, &old).await.expect(StatusCode::OK);
    for _ in 0..10 {
        type_code(&mut client, &wrong).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
    type_code(&mut client, &wrong).await.expect(StatusCode::TOO_MANY_REQUESTS);
}

async fn a_proposed_address_is_shown_replaced_and_withdrawn(place: &Place) {
    let world = world(place).await;
    let mut client = world.signed_up("ada@x.test").await;
    for (email, fault) in [("ADA@x.test", "unchanged"), ("no address", "malformed"), ("", "required")] {
        let refused = propose(&mut client, email).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.json()["fields"]["email"], fault, "{email}");
    }
    propose(&mut client, "first@x.test").await.expect(StatusCode::OK);
    let first = token(&world.mail("first@x.test", CHANGE, 1).await, "/change-email");
    propose(&mut client, "second@x.test").await.expect(StatusCode::OK);
    let second = token(&world.mail("second@x.test", CHANGE, 1).await, "/change-email");
    change(&mut client, &first).await.expect(StatusCode::GONE);
    assert_eq!(email_of(&mut client).await["pending"], "second@x.test");
    for _ in 0..2 {
        client.post_json("/api/auth/change-email/cancel", "").await.expect(StatusCode::OK);
    }
    let told = client.get("/api/auth/activity").await.body;
    assert_eq!(told.matches("email_change_cancelled").count(), 1, "{told}");
    change(&mut client, &second).await.expect(StatusCode::GONE);
    assert_eq!(email_of(&mut client).await, json!({ "email": "ada@x.test", "verified": false }));

    propose(&mut client, "third@x.test").await.expect(StatusCode::OK);
    let third = token(&world.mail("third@x.test", CHANGE, 1).await, "/change-email");
    world.app.clock.advance(Duration::DAY);
    change(&mut client, &third).await.expect(StatusCode::GONE);
    assert_eq!(email_of(&mut client).await, json!({ "email": "ada@x.test", "verified": false }));
}

async fn t9_a_changed_address_ends_all_other_sessions(place: &Place) {
    let world = world(place).await;
    let mut laptop = world.signed_up("ada@x.test").await;
    let mut phone = world.client();
    phone.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    propose(&mut laptop, "new@x.test").await.expect(StatusCode::OK);
    let link = token(&world.mail("new@x.test", CHANGE, 1).await, "/change-email");
    phone.profile().await.expect(StatusCode::OK);
    // The session that requested the change stays.
    change(&mut laptop, &link).await.expect(StatusCode::OK);
    phone.profile().await.expect(StatusCode::UNAUTHORIZED);
    laptop.profile().await.expect(StatusCode::OK);
    world.app.clock.advance(Duration::HOUR);
    phone.refresh().await.expect(StatusCode::UNAUTHORIZED);
    laptop.refresh().await.expect(StatusCode::OK);
}

async fn n1_a1_a_change_is_completed_only_in_the_session_that_requested_it(place: &Place) {
    let world = world(place).await;
    let mut laptop = world.signed_up("ada@x.test").await;
    let mut phone = world.client();
    phone.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    propose(&mut laptop, "new@x.test").await.expect(StatusCode::OK);
    let mail = world.mail("new@x.test", CHANGE, 1).await;
    let (link, digits) = (token(&mail, "/change-email"), code(&mail));
    // Wherever the mail is opened, with a session of the account, of another, or none: the page shows the code and
    // nothing else.
    let mut stranger = world.client();
    let mut bob = world.signed_up("bob@x.test").await;
    for (client, status) in
        [(&mut phone, StatusCode::GONE), (&mut bob, StatusCode::GONE), (&mut stranger, StatusCode::UNAUTHORIZED)]
    {
        let page = client.get_page(&format!("/change-email?token={link}")).await.expect(StatusCode::OK);
        assert!(page.body.contains(&digits) && !page.body.contains("name=\"token\""), "{page:?}");
        assert!(page.header("cache-control").contains("no-store"), "{page:?}");
        change(client, &link).await.expect(status);
    }
    type_code(&mut phone, &digits).await.expect(StatusCode::GONE);
    // Without the link, only the session that requested the change asks for the code.
    for path in ["/change-email", "/account/email"] {
        let page = phone.get_page(path).await.expect(StatusCode::OK).body;
        let sentence = "Enter it in the browser where you asked for the change.";
        assert!(page.contains(sentence) && !page.contains("name=\"code\""), "{page}");
        assert!(!laptop.get_page(path).await.expect(StatusCode::OK).body.contains(sentence));
    }
    assert!(laptop.get_page("/change-email").await.body.contains("name=\"code\""));
    let page = laptop.get_page(&format!("/change-email?token={link}")).await.expect(StatusCode::OK).body;
    assert!(page.contains("name=\"token\"") && !page.contains(&digits), "{page}");
    // A confirmation moves the session to another id, together with the pending change.
    let password = json!({ "current_password": PASSWORD });
    laptop.post_json("/api/auth/confirm", password.to_string()).await.expect(StatusCode::OK);
    type_code(&mut laptop, &digits).await.expect(StatusCode::OK);
    assert_eq!(email_of(&mut laptop).await["email"], "new@x.test");
}

async fn n1_a3_the_current_address_is_notified_of_a_proposal_and_can_cancel_it(place: &Place) {
    let world = world(place).await;
    world.signed_up("ada@x.test").await;
    let (mut eve, _) = thief_and_login_notice(&world, "ada@x.test").await;
    propose(&mut eve, "eve@x.test").await.expect(StatusCode::OK);
    let theft = token(&world.mail("eve@x.test", CHANGE, 1).await, "/change-email");
    let notice = world.mail("ada@x.test", "Someone asked to change your email address", 1).await;
    assert!(!notice.text.contains("eve@x.test"), "nothing that was typed: {notice:?}");
    secure(&mut world.client(), &token(&notice, "/secure-account")).await.expect(StatusCode::OK);
    change(&mut eve, &theft).await.expect(StatusCode::UNAUTHORIZED);
    eve.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
}

/// Everything that voids a thief's pending change: each credential event, and the thief's logout.
async fn n1_a1_a_proposal_ends_with_every_credential_event(place: &Place) {
    let world = world(place).await;
    let accounts = Account::several(&world, Event::ALL.len() + 1).await;
    for (event, mut account) in Event::ALL.map(Some).into_iter().chain([None]).zip(accounts) {
        let theirs = format!("eve.{}", account.email);
        propose(&mut account.thief, &theirs).await.expect(StatusCode::OK);
        let theft = token(&world.mail(&theirs, CHANGE, 1).await, "/change-email");
        match event {
            Some(event) => event.happen(&world, &mut account).await,
            None => drop(account.thief.log_out().await.expect(StatusCode::OK)),
        }
        let Account { email, thief: mut eve, .. } = account;
        // Without a session, with the old one, and with a new one if the password still works.
        change(&mut world.client(), &theft).await.expect(StatusCode::UNAUTHORIZED);
        change(&mut eve, &theft).await.expect(StatusCode::UNAUTHORIZED);
        let is_open = eve.log_in(&email, PASSWORD).await.status == StatusCode::OK;
        let ends_password = [Event::PasswordChanged, Event::Reset, Event::Reclaimed, Event::Secured];
        assert_eq!(is_open, event.is_none_or(|event| !ends_password.contains(&event)), "{event:?}");
        if is_open {
            change(&mut eve, &theft).await.expect(StatusCode::GONE);
            assert!(eve.get_page(&format!("/change-email?token={theft}")).await.body.contains("already used"));
        }
        world.client().log_in(&theirs, PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
    }
}

async fn n1_a1_a_former_address_undoes_a_change_after_a_reset_at_the_new_one(place: &Place) {
    let world = world(place).await;
    world.signed_up("ada@x.test").await;
    let (mut eve, _) = thief_and_login_notice(&world, "ada@x.test").await;
    propose(&mut eve, "eve@x.test").await.expect(StatusCode::OK);
    let theft = token(&world.mail("eve@x.test", CHANGE, 1).await, "/change-email");
    change(&mut eve, &theft).await.expect(StatusCode::OK);
    let notice = world.mail("ada@x.test", CHANGED, 1).await;
    let form = json!({ "email": "eve@x.test" });
    eve.post_json("/api/auth/forgot-password", form.to_string()).await.expect(StatusCode::OK);
    let link = token(&world.mail("eve@x.test", "Reset your password", 1).await, "/reset-password");
    let form = json!({ "token": link, "password": NEW });
    eve.post_json("/api/auth/reset-password", form.to_string()).await.expect(StatusCode::OK);
    eve.log_in("eve@x.test", NEW).await.expect(StatusCode::OK);
    eve.post_json("/api/auth/sessions/revoke-others", "").await.expect(StatusCode::OK);

    secure(&mut world.client(), &token(&notice, "/secure-account")).await.expect(StatusCode::OK);
    eve.profile().await.expect(StatusCode::UNAUTHORIZED);
    let link = token(&world.mail("ada@x.test", "Reset your password", 1).await, "/reset-password");
    let form = json!({ "token": link, "password": "another long phrase" });
    let mut ada = world.client();
    ada.post_json("/api/auth/reset-password", form.to_string()).await.expect(StatusCode::OK);
    ada.log_in("ada@x.test", "another long phrase").await.expect(StatusCode::OK);
    for address in ["ada@x.test", "eve@x.test"] {
        eve.log_in(address, NEW).await.expect(StatusCode::UNAUTHORIZED);
    }
}

async fn t11_another_address_needs_a_proof_of_the_last_ten_minutes(place: &Place) {
    let world = world(place).await;
    let mut client = world.signed_up("ada@x.test").await;
    world.app.clock.advance(Duration::minutes(10));
    let refused = propose(&mut client, "new@x.test").await.expect(StatusCode::FORBIDDEN);
    assert_eq!(refused.code(), "confirmation_required");
    let page = client.get_page("/account/email").await.expect(StatusCode::OK).body;
    assert!(page.contains("/account/confirm?next=/account/email") && !page.contains("New email address"), "{page}");
    let password = json!({ "current_password": PASSWORD });
    client.post_json("/api/auth/confirm", password.to_string()).await.expect(StatusCode::OK);
    propose(&mut client, "new@x.test").await.expect(StatusCode::OK);
    propose(&mut world.client(), "new@x.test").await.expect(StatusCode::UNAUTHORIZED);
}

async fn r2_only_the_owner_of_a_taken_address_learns_that_it_is_taken(place: &Place) {
    let world = world(place).await;
    world.signed_up("bob@x.test").await;
    let mut client = world.signed_up("ada@x.test").await;
    let mut answers = Vec::new();
    for email in ["bob@x.test", "nobody@x.test"] {
        let mut answer = propose(&mut client, email).await.expect(StatusCode::OK);
        answer.headers.remove("x-request-id");
        answers.push((answer.headers, answer.body));
        assert_eq!(email_of(&mut client).await["pending"], email);
    }
    assert_eq!(answers[0], answers[1]);
    world.mail("bob@x.test", "This email address is already in use", 1).await;
    world.mail("nobody@x.test", CHANGE, 1).await;
}

async fn v2_of_twenty_uses_of_one_change_at_once_one_succeeds(place: &Place) {
    let world = world(place).await;
    let mut client = world.signed_up("ada@x.test").await;
    propose(&mut client, "new@x.test").await.expect(StatusCode::OK);
    let link = token(&world.mail("new@x.test", CHANGE, 1).await, "/change-email");
    let mut uses = JoinSet::new();
    for _ in 0..20 {
        let (mut client, link) = (client.clone(), link.clone());
        uses.spawn(async move { change(&mut client, &link).await.status });
    }
    let answers = uses.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::OK).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::GONE).count(), 19, "{answers:?}");
}

async fn v3_v4_looking_at_a_change_uses_nothing_up(place: &Place) {
    let world = place.world(Options { allowed_hosts: vec!["evil.test"], ..Options::default() }).await;
    let mut client = world.signed_up("ada@x.test").await;
    client.headers.insert("host", "evil.test".parse().unwrap());
    propose(&mut client, "new@x.test").await.expect(StatusCode::OK);
    let mail = world.mail("new@x.test", CHANGE, 1).await;
    assert!(!mail.text.contains("evil") && !mail.html.contains("evil"), "{mail:?}");
    let link = token(&mail, "/change-email");
    for _ in 0..2 {
        let page = client.get_page(&format!("/change-email?token={link}")).await.expect(StatusCode::OK);
        assert!(
            page.body.contains("Use this email address") && page.header("cache-control").contains("no-store"),
            "{page:?}"
        );
    }
    change(&mut client, &link).await.expect(StatusCode::OK);
    assert!(client.get_page(&format!("/change-email?token={link}")).await.body.contains("already used"));
}

/// Logs in a thief who knows the password. Returns the browser, and the link of the login notice.
async fn thief_and_login_notice(world: &World, email: &str) -> (Client, String) {
    let mut eve = world.client();
    eve.log_in(email, PASSWORD).await.expect(StatusCode::OK);
    let notice = world.mail(email, "New login to your account", 1).await;
    assert!(notice.html.contains("/secure-account?token="), "{notice:?}");
    (eve, token(&notice, "/secure-account"))
}

async fn this_was_not_me_ends_everything_until_a_new_password_is_chosen_by_mail(place: &Place) {
    let world = world(place).await;
    let mut ada = world.signed_up("ada@x.test").await;
    let (mut eve, link) = thief_and_login_notice(&world, "ada@x.test").await;
    propose(&mut eve, "eve@x.test").await.expect(StatusCode::OK);
    let theft = token(&world.mail("eve@x.test", CHANGE, 1).await, "/change-email");

    let page = ada.get_page(&format!("/secure-account?token={link}")).await.expect(StatusCode::OK).body;
    assert!(page.contains("Secure my account"), "{page}");
    eve.profile().await.expect(StatusCode::OK);
    secure(&mut world.client(), &link).await.expect(StatusCode::OK);
    for client in [&mut ada, &mut eve] {
        client.profile().await.expect(StatusCode::UNAUTHORIZED);
        client.refresh().await.expect(StatusCode::UNAUTHORIZED);
        client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
    }
    change(&mut eve, &theft).await.expect(StatusCode::UNAUTHORIZED);

    let reset = token(&world.mail("ada@x.test", "Reset your password", 1).await, "/reset-password");
    let form = json!({ "token": reset, "password": NEW });
    ada.post_json("/api/auth/reset-password", form.to_string()).await.expect(StatusCode::OK);
    ada.log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
    assert!(ada.get("/api/auth/activity").await.body.contains("account_secured"));
    // Using the notice again ends nothing.
    secure(&mut world.client(), &link).await.expect(StatusCode::GONE);
    assert!(
        ada.get_page(&format!("/secure-account?token={link}"))
            .await
            .body
            .contains("This link has expired or was already used.")
    );
    ada.profile().await.expect(StatusCode::OK);
}

async fn this_was_not_me_puts_an_address_back(place: &Place) {
    let world = world(place).await;
    world.signed_up("ada@x.test").await;
    let (mut eve, _) = thief_and_login_notice(&world, "ada@x.test").await;
    propose(&mut eve, "eve@x.test").await.expect(StatusCode::OK);
    let theft = token(&world.mail("eve@x.test", CHANGE, 1).await, "/change-email");
    change(&mut eve, &theft).await.expect(StatusCode::OK);
    let notice = world.mail("ada@x.test", CHANGED, 1).await;
    // Quickly: another password, another address, and the link of a notice of her own.
    let password = json!({ "current_password": PASSWORD, "password": NEW });
    eve.post_json("/api/auth/change-password", password.to_string()).await.expect(StatusCode::OK);
    let hers = world.mail("eve@x.test", "Your password was changed", 1).await;
    propose(&mut eve, "eve2@x.test").await.expect(StatusCode::OK);
    let theft = token(&world.mail("eve2@x.test", CHANGE, 1).await, "/change-email");
    change(&mut eve, &theft).await.expect(StatusCode::OK);
    // Her own address can revert her later change, which does not affect the right of the earlier address.
    secure(&mut eve, &token(&hers, "/secure-account")).await.expect(StatusCode::OK);
    expect_undo_notice(&world, "eve2@x.test").await;

    world.app.clock.advance(Duration::HOUR);
    let mut ada = world.client();
    secure(&mut ada, &token(&notice, "/secure-account")).await.expect(StatusCode::OK);
    expect_undo_notice(&world, "eve@x.test").await;
    eve.profile().await.expect(StatusCode::UNAUTHORIZED);
    for email in ["eve@x.test", "eve2@x.test", "ada@x.test"] {
        eve.log_in(email, NEW).await.expect(StatusCode::UNAUTHORIZED);
    }
    let reset = token(&world.mail("ada@x.test", "Reset your password", 1).await, "/reset-password");
    let form = json!({ "token": reset, "password": "another long phrase" });
    ada.post_json("/api/auth/reset-password", form.to_string()).await.expect(StatusCode::OK);
    ada.log_in("ada@x.test", "another long phrase").await.expect(StatusCode::OK);
    assert_eq!(email_of(&mut ada).await, json!({ "email": "ada@x.test", "verified": true }));
    secure(&mut eve, &token(&hers, "/secure-account")).await.expect(StatusCode::GONE);
}

/// Fails unless the address that an undo replaced was told about it, without a link that gives it any right.
async fn expect_undo_notice(world: &World, replaced: &str) {
    let notice = world.mail(replaced, "A change of your email address was undone", 1).await;
    assert!(!notice.text.contains("token=") && !notice.html.contains("token="), "{notice:?}");
    // The reader may be a thief: nothing of the device that undid the change.
    assert!(!notice.text.contains(", from "), "{notice:?}");
    assert!(notice.text.starts_with("Hello,"), "without a name: {notice:?}");
}

async fn this_was_not_me_takes_the_address_from_a_customer_who_signed_up_with_it_since(place: &Place) {
    let world = world(place).await;
    world.signed_up("ada@x.test").await;
    let (mut eve, _) = thief_and_login_notice(&world, "ada@x.test").await;
    propose(&mut eve, "eve@x.test").await.expect(StatusCode::OK);
    let theft = token(&world.mail("eve@x.test", CHANGE, 1).await, "/change-email");
    change(&mut eve, &theft).await.expect(StatusCode::OK);
    let mut squatter = world.signed_up("ada@x.test").await;
    let notice = world.mail("ada@x.test", CHANGED, 1).await;
    secure(&mut world.client(), &token(&notice, "/secure-account")).await.expect(StatusCode::OK);
    squatter.profile().await.expect(StatusCode::UNAUTHORIZED);
    world.mail("ada@x.test", "Reset your password", 1).await;
}

/// A genuine change, and a theft more than three days later.
async fn v2_a_used_link_of_a_former_address_stays_used(place: &Place) {
    let world = world(place).await;
    let mut client = world.signed_up("ada@x.test").await;
    propose(&mut client, "bob@x.test").await.expect(StatusCode::OK);
    let link = token(&world.mail("bob@x.test", CHANGE, 1).await, "/change-email");
    change(&mut client, &link).await.expect(StatusCode::OK);
    let undo = token(&world.mail("ada@x.test", CHANGED, 1).await, "/secure-account");
    world.app.clock.advance(Duration::MINUTE);
    secure(&mut client, &undo).await.expect(StatusCode::OK);
    let mail = world.mail("ada@x.test", "Reset your password", 1).await;
    assert!(!mail.text.contains("/secure-account"), "all devices are signed out already: {mail:?}");
    let form = json!({ "token": token(&mail, "/reset-password"), "password": NEW });
    client.post_json("/api/auth/reset-password", form.to_string()).await.expect(StatusCode::OK);
    client.log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
    world.app.clock.advance(Duration::MINUTE);
    // Their own change, to another address.
    propose(&mut client, "dora@x.test").await.expect(StatusCode::OK);
    let link = token(&world.mail("dora@x.test", CHANGE, 1).await, "/change-email");
    change(&mut client, &link).await.expect(StatusCode::OK);
    secure(&mut world.client(), &undo).await.expect(StatusCode::GONE);
    assert_eq!(email_of(&mut client).await["email"], "dora@x.test");
    // The notice of this change can undo it.
    let undo = token(&world.mail("ada@x.test", CHANGED, 2).await, "/secure-account");
    secure(&mut world.client(), &undo).await.expect(StatusCode::OK);
}

async fn g1_a_disabled_account_keeps_its_address(place: &Place) {
    let world = place.world(Options { requires_verified_email: true, ..Options::default() }).await;
    let mut client = world.client();
    client.sign_up("ada@x.test").await.expect(StatusCode::ACCEPTED);
    let link = token(&world.mail("ada@x.test", "Verify your email address", 1).await, "/verify-email");
    let verify = json!({ "token": link });
    client.post_json("/api/auth/verify-email", verify.to_string()).await.expect(StatusCode::OK);
    propose(&mut client, "eve@x.test").await.expect(StatusCode::OK);
    let link = token(&world.mail("eve@x.test", CHANGE, 1).await, "/change-email");
    world.client().sign_up("eve@x.test").await.expect(StatusCode::ACCEPTED);
    let customers = &world.app.stores.customers;
    let eve = customers.find_by_email(&EmailAddress::parse("eve@x.test").unwrap()).await.unwrap().unwrap();
    customers.set_disabled(eve.id, true, world.app.clock.now()).await.unwrap();
    change(&mut client, &link).await.expect(StatusCode::CONFLICT);
    assert!(customers.find(eve.id).await.unwrap().unwrap().disabled);
    propose(&mut client, "eve@x.test").await.expect(StatusCode::OK);
    world.mail("eve@x.test", "This email address is already in use", 1).await;
}

async fn this_was_not_me_restores_the_address_before_the_theft_and_not_an_older_one(place: &Place) {
    let world = world(place).await;
    let mut ada = world.signed_up("ada@x.test").await;
    propose(&mut ada, "ada2@x.test").await.expect(StatusCode::OK);
    let link = token(&world.mail("ada2@x.test", CHANGE, 1).await, "/change-email");
    change(&mut ada, &link).await.expect(StatusCode::OK);
    world.app.clock.advance(Duration::hours(73));

    let (mut eve, _) = thief_and_login_notice(&world, "ada2@x.test").await;
    propose(&mut eve, "eve@x.test").await.expect(StatusCode::OK);
    let theft = token(&world.mail("eve@x.test", CHANGE, 1).await, "/change-email");
    change(&mut eve, &theft).await.expect(StatusCode::OK);
    let notice = world.mail("ada2@x.test", CHANGED, 1).await;
    secure(&mut ada, &token(&notice, "/secure-account")).await.expect(StatusCode::OK);
    world.mail("ada2@x.test", "Reset your password", 1).await;
    eve.profile().await.expect(StatusCode::UNAUTHORIZED);
}

/// Changes the address as often as possible.
async fn change_to(world: &World, client: &mut Client, email: &str, count: usize) {
    propose(client, email).await.expect(StatusCode::OK);
    let link = token(&world.mail(email, CHANGE, count).await, "/change-email");
    change(client, &link).await.expect(StatusCode::OK);
}

async fn n1_a1_a_theft_soon_after_an_honest_change_is_undone_from_the_new_address(place: &Place) {
    let world = world(place).await;
    let mut ada = world.signed_up("ada@x.test").await;
    change_to(&world, &mut ada, "ada2@x.test", 1).await;
    world.app.clock.advance(Duration::HOUR);

    let (mut eve, _) = thief_and_login_notice(&world, "ada2@x.test").await;
    change_to(&world, &mut eve, "eve@x.test", 1).await;
    let notice = token(&world.mail("ada2@x.test", CHANGED, 1).await, "/secure-account");
    secure(&mut world.client(), &notice).await.expect(StatusCode::OK);
    world.mail("ada2@x.test", "Reset your password", 1).await;
    eve.profile().await.expect(StatusCode::UNAUTHORIZED);
    // The first address keeps its right, and the later one no longer has any.
    let first = token(&world.mail("ada@x.test", CHANGED, 1).await, "/secure-account");
    secure(&mut world.client(), &first).await.expect(StatusCode::OK);
    world.mail("ada@x.test", "Reset your password", 1).await;
    secure(&mut world.client(), &notice).await.expect(StatusCode::GONE);
}

async fn n1_a1_an_address_that_came_back_has_its_own_72_hours(place: &Place) {
    let world = world(place).await;
    let mut ada = world.signed_up("ada@x.test").await;
    change_to(&world, &mut ada, "ada2@x.test", 1).await;
    change_to(&world, &mut ada, "ada@x.test", 1).await;
    world.app.clock.advance(Duration::hours(71));

    let (mut eve, _) = thief_and_login_notice(&world, "ada@x.test").await;
    change_to(&world, &mut eve, "eve@x.test", 1).await;
    let notice = token(&world.mail("ada@x.test", CHANGED, 2).await, "/secure-account");
    world.app.clock.advance(Duration::hours(71));
    secure(&mut world.client(), &notice).await.expect(StatusCode::OK);
    eve.profile().await.expect(StatusCode::UNAUTHORIZED);
}

async fn n5_a5_another_session_uses_up_no_attempt_at_the_code_of_a_change(place: &Place) {
    let world = world(place).await;
    let mut ada = world.signed_up("ada@x.test").await;
    propose(&mut ada, "ada2@x.test").await.expect(StatusCode::OK);
    let code = code(&world.mail("ada2@x.test", CHANGE, 1).await);
    let mut other = world.client();
    other.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    for _ in 0..20 {
        let wrong = json!({ "code": "000000" }).to_string();
        other.post_json("/api/auth/change-email/confirm", wrong).await.expect(StatusCode::GONE);
    }
    let right = json!({ "code": code }).to_string();
    ada.post_json("/api/auth/change-email/confirm", right).await.expect(StatusCode::OK);
}

async fn v7_a_newer_proposal_of_the_same_address_voids_the_earlier_link(place: &Place) {
    let world = world(place).await;
    let mut client = world.signed_up("ada@x.test").await;
    let mut links = Vec::new();
    for count in 1..=2 {
        propose(&mut client, "new@x.test").await.expect(StatusCode::OK);
        links.push(token(&world.mail("new@x.test", CHANGE, count).await, "/change-email"));
    }
    change(&mut client, &links[0]).await.expect(StatusCode::GONE);
    change(&mut client, &links[1]).await.expect(StatusCode::OK);
}

async fn n3_a_customer_who_changes_their_address_keeps_a_known_browser(place: &Place) {
    let world = world(place).await;
    let mut client = world.signed_up("ada@x.test").await;
    propose(&mut client, "new@x.test").await.expect(StatusCode::OK);
    let link = token(&world.mail("new@x.test", CHANGE, 1).await, "/change-email");
    change(&mut client, &link).await.expect(StatusCode::OK);
    client.log_out().await.expect(StatusCode::OK);
    client.log_in("new@x.test", PASSWORD).await.expect(StatusCode::OK);
    let told = client.get("/api/auth/activity").await.body;
    assert!(told.contains("\"logged_in\"") && !told.contains("logged_in_on_new_device"), "{told}");
}

async fn the_links_of_notices_are_valid_for_three_days_and_one_use(place: &Place) {
    let world = world(place).await;
    world.signed_up("ada@x.test").await;
    let (_, link) = thief_and_login_notice(&world, "ada@x.test").await;
    let mut client = world.client();
    for token in ["", "x", &link[1..], &format!("{link}A")] {
        secure(&mut client, token).await.expect(StatusCode::GONE);
    }
    world.app.clock.advance(Duration::days(3) - Duration::SECOND);
    let mut uses = JoinSet::new();
    for _ in 0..20 {
        let (mut client, link) = (world.client(), link.clone());
        uses.spawn(async move { secure(&mut client, &link).await.status });
    }
    let answers = uses.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::OK).count(), 1, "{answers:?}");

    world.signed_up("bob@x.test").await;
    let (mut bob, link) = thief_and_login_notice(&world, "bob@x.test").await;
    world.app.clock.advance(Duration::days(3));
    secure(&mut client, &link).await.expect(StatusCode::GONE);
    assert!(
        client
            .get_page(&format!("/secure-account?token={link}"))
            .await
            .body
            .contains("This link has expired or was already used.")
    );
    bob.profile().await.expect(StatusCode::OK);
}

async fn c8_an_address_is_changed_without_scripts(place: &Place) {
    let world = world(place).await;
    let mut client = world.signed_up("ada@x.test").await;
    assert!(client.get_page("/account").await.body.contains("href=\"/account/email\""));
    let same = client.post_form("/api/auth/change-email", &[("email", "ada@x.test")]).await;
    assert_eq!(same.location(), "/account/email");
    assert!(client.get_page("/account/email").await.body.contains("That's already your email address."));
    let sent = client.post_form("/api/auth/change-email", &[("email", "new@x.test")]).await;
    assert_eq!(sent.location(), "/account/email");
    let page = client.get_page("/account/email").await.body;
    assert!(
        page.contains("new@x.test") && page.contains(">Change email</button>") && page.contains("Cancel"),
        "{page}"
    );
    let withdrawn = client.post_form("/api/auth/change-email/cancel", &[]).await;
    assert_eq!(withdrawn.location(), "/account/email");
    assert!(client.get_page("/account/email").await.body.contains("Email change cancelled."));

    client.post_form("/api/auth/change-email", &[("email", "other@x.test")]).await;
    let right = code(&world.mail("other@x.test", CHANGE, 1).await);
    let wrong = client.post_form("/api/auth/change-email/confirm", &[("code", "12")]).await;
    assert_eq!(wrong.location(), "/change-email");
    assert!(client.get_page("/change-email").await.body.contains("Enter all 6 digits."));
    let done = client.post_form("/api/auth/change-email/confirm", &[("code", &right)]).await;
    assert_eq!(done.location(), "/change-email");
    assert!(client.get_page("/change-email").await.body.contains("Your email address has been changed"));

    let notice = token(&world.mail("ada@x.test", CHANGED, 1).await, "/secure-account");
    let done = client.post_form("/api/auth/secure-account", &[("token", &notice)]).await;
    assert_eq!(done.location(), "/secure-account");
    assert!(client.get_page("/secure-account").await.body.contains("We've emailed you a link to set a new password."));
    let used = client.post_form("/api/auth/secure-account", &[("token", &notice)]).await;
    assert_eq!(used.location(), "/secure-account");
    assert!(
        client
            .get_page("/secure-account")
            .await
            .body
            .contains("This link has expired or was already used. Request a new one.")
    );
}

#[tokio::test]
async fn without_mail_an_address_cannot_be_changed_and_the_page_says_so() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    propose(&mut client, "new@x.test").await.expect(StatusCode::NOT_FOUND);
    assert!(client.get_page("/account/email").await.body.contains("This shop doesn't send emails."));
}

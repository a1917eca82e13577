//! The credential events of an account, as its owner and the shop cause them over HTTP.

use axum::http::StatusCode;
use doorstep::accounts::Whom;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::world::{World, token};
use crate::http::harness::{Answer, Client, PASSWORD};

/// The password that an owner chooses in an event.
pub const NEW: &str = "four quiet otters";

/// The events that start the next credential epoch of an account: the rows of the table in `docs/security.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    PasswordChanged,
    Reset,
    Reclaimed,
    Secured,
    AddressChanged,
    OthersSignedOut,
    SignedOutByShop,
    Disabled,
}

impl Event {
    pub const ALL: [Self; 8] = [
        Self::PasswordChanged,
        Self::Reset,
        Self::Reclaimed,
        Self::Secured,
        Self::AddressChanged,
        Self::OthersSignedOut,
        Self::SignedOutByShop,
        Self::Disabled,
    ];

    /// Performs the event. A disabled customer is enabled again.
    pub async fn happen(self, world: &World, account: &mut Account) {
        let owner = &mut account.owner;
        match self {
            Self::PasswordChanged => {
                let form = json!({ "current_password": PASSWORD, "password": NEW });
                post(owner, "change-password", form).await.expect(StatusCode::OK);
            }
            Self::Reset => drop(reset(owner, &account.reset, NEW).await.expect(StatusCode::OK)),
            Self::Reclaimed => {
                let form = json!({ "token": account.verification });
                post(&mut world.client(), "verify-email", form).await.expect(StatusCode::OK);
            }
            Self::Secured => {
                let form = json!({ "token": account.notice });
                post(&mut world.client(), "secure-account", form).await.expect(StatusCode::OK);
            }
            Self::AddressChanged => {
                let new = format!("new.{}", account.email);
                post(owner, "change-email", json!({ "email": new })).await.expect(StatusCode::OK);
                let link = token(&world.mail(&new, "Confirm your new email address", 1).await, "/change-email");
                post(owner, "change-email/confirm", json!({ "token": link })).await.expect(StatusCode::OK);
                account.email = new;
            }
            Self::OthersSignedOut => {
                post(owner, "sessions/revoke-others", json!({})).await.expect(StatusCode::OK);
            }
            Self::SignedOutByShop => {
                world.app.back_office().end_sessions(&Whom::parse(&account.email).unwrap()).await.unwrap();
            }
            Self::Disabled => {
                let (office, whom) = (world.app.back_office(), Whom::parse(&account.email).unwrap());
                office.disable(&whom).await.unwrap();
                office.enable(&whom).await.unwrap();
            }
        }
    }
}

/// An account with an unverified address, and the links in its mailbox.
pub struct Account {
    pub email: String,
    /// A browser that is signed in.
    pub owner: Client,
    /// The browser of a thief who knows the password.
    pub thief: Client,
    /// The token that verifies the address.
    pub verification: String,
    /// The token that resets the password.
    pub reset: String,
    /// The token of the notice of the thief's login.
    pub notice: String,
}

impl Account {
    /// Returns this many accounts, `ada0@x.test` and so on, created at the same time, since each waits for mail.
    pub async fn several(world: &World, count: usize) -> Vec<Self> {
        join_all((0..count).map(async |number| Self::new(world, &format!("ada{number}@x.test")).await)).await
    }

    pub async fn new(world: &World, email: &str) -> Self {
        let mut owner = world.signed_up(email).await;
        let verification = token(&world.mail(email, "Verify your email address", 1).await, "/verify-email");
        let mut thief = world.client();
        thief.log_in(email, PASSWORD).await.expect(StatusCode::OK);
        let notice = token(&world.mail(email, "New login to your account", 1).await, "/secure-account");
        let reset = reset_link(world, &mut owner, email, 1).await;
        Self { email: email.to_owned(), owner, thief, verification, reset, notice }
    }
}

/// Posts JSON to a path of the accounts' API.
pub async fn post(client: &mut Client, path: &str, body: Value) -> Answer {
    client.post_json(&format!("/api/auth/{path}"), body.to_string()).await
}

pub async fn reset(client: &mut Client, token: &str, password: &str) -> Answer {
    post(client, "reset-password", json!({ "token": token, "password": password })).await
}

/// Requests a reset link, the `count`th to this address, and returns its token.
pub async fn reset_link(world: &World, client: &mut Client, email: &str, count: usize) -> String {
    post(client, "forgot-password", json!({ "email": email })).await.expect(StatusCode::OK);
    token(&world.mail(email, "Reset your password", count).await, "/reset-password")
}

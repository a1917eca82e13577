//! An account as a state machine (drawn in `docs/security.md`): after any sequence of actions by its owner, a thief and
//! time, a password reset by the owner locks the thief out permanently.
//!
//! The thief knows the first password, may copy the cookies of the owner's session, reads the mail to an address of
//! their own and sometimes the owner's mail, keeps every link and password they have ever had, and tries all of them.
//! Stores may lose the end of sessions. According to `docs/security.md`, the thief may read the mail to the owner's
//! previous address for 72 hours. During that time nothing is checked.
//!
//! `DOORSTEP_MACHINE_STEPS` is the number of steps: 20,000 by default, a million in `script/test nightly`.

use std::{env, time::Duration};

use doorstep::{
    accounts::{ChangeProof, EmailProof, LinkPurpose, Mail, MailKind},
    domain::{ChangePassword, Confirm, CustomerId, EmailAddress, ResetPassword},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tokio::runtime::Handle;
use zeroize::Zeroizing;

use super::world::{Person, Shop, address, links, newest, take_mail};
use crate::{
    stores::{harness::World, store_contract},
    support::eventually,
};

store_contract![n1_a1_no_order_of_steps_leaves_a_thief_signed_in_after_the_owners_reset];

/// The longest sequence of steps.
const LONGEST: usize = 60;

/// A step of a sequence.
#[derive(Clone, Debug)]
enum Step {
    Owner(Deed),
    Thief(Deed),
    /// The thief copies the owner's cookies.
    Steal,
    /// The thief reads the owner's latest mail.
    ReadMail,
    /// The owner does something, and the store loses the end of other sessions. They are void by their epoch alone,
    /// once the earlier access tokens have expired. Until then, the thief does what needs a session.
    OwnerWhileEndsAreLost(Deed, Vec<Deed>),
    /// The thief's login is in progress while the owner does something.
    ThiefLogsInWhile(Deed),
    Pass {
        minutes: i64,
    },
}

/// An action of the owner or the thief.
#[derive(Clone, Debug)]
enum Deed {
    LogIn,
    Confirm,
    ChangePassword,
    /// Requests a reset link, and uses it if it arrives in one of their mailboxes.
    Reset,
    RevokeOthers,
    ProposeEmail,
    /// Uses the latest address change link in one of their mailboxes, in their session.
    CompleteEmail,
    WithdrawEmail,
    /// Uses "This wasn't me" of the latest notice in one of their mailboxes.
    Secure,
    /// Uses the latest verification link in a new browser.
    Verify,
    LogOut,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => Just(Deed::LogIn),
        2 => Just(Deed::Confirm),
        2 => Just(Deed::ChangePassword),
        2 => Just(Deed::Reset),
        1 => Just(Deed::RevokeOthers),
        3 => Just(Deed::ProposeEmail),
        3 => Just(Deed::CompleteEmail),
        1 => Just(Deed::WithdrawEmail),
        1 => Just(Deed::Secure),
        1 => Just(Deed::Verify),
        1 => Just(Deed::LogOut),
    ]
}

fn deed_in_session() -> impl Strategy<Value = Deed> {
    prop::sample::select(vec![Deed::Confirm, Deed::ChangePassword, Deed::ProposeEmail, Deed::CompleteEmail])
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => deed().prop_map(Step::Owner),
        8 => deed().prop_map(Step::Thief),
        1 => Just(Step::Steal),
        1 => Just(Step::ReadMail),
        2 => (deed(), prop::collection::vec(deed_in_session(), 0..4))
            .prop_map(|(deed, thiefs)| Step::OwnerWhileEndsAreLost(deed, thiefs)),
        2 => deed().prop_map(Step::ThiefLogsInWhile),
        2 => prop::sample::select(vec![1, 5, 20, 60, 60 * 23, 60 * 73]).prop_map(|minutes| Step::Pass { minutes }),
    ]
}

/// The owner or the thief, with everything they have ever had.
#[derive(Clone)]
struct Player {
    person: Person,
    addresses: Vec<EmailAddress>,
    mails: Vec<Mail>,
    passwords: Vec<String>,
}

struct Scene {
    shop: Shop,
    id: CustomerId,
    owner: Player,
    thief: Player,
    /// The number of passwords chosen so far.
    chosen: usize,
    /// True if the owner has reset the password since the thief last had valid access.
    is_safe: bool,
}

fn steps() -> usize {
    env::var("DOORSTEP_MACHINE_STEPS").ok().and_then(|steps| steps.parse().ok()).unwrap_or(20_000)
}

async fn n1_a1_no_order_of_steps_leaves_a_thief_signed_in_after_the_owners_reset(world: &World) {
    // Real servers are slower.
    let steps = if world.is_embedded() { steps() } else { steps() / 20 };
    let cases = u32::try_from(steps / (LONGEST / 2)).unwrap();
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let handle = Handle::current();
    let run = |(starts_as_squatter, steps): (bool, Vec<Step>)| {
        tokio::task::block_in_place(|| handle.block_on(follow(world, starts_as_squatter, steps)))
    };
    TestRunner::new(config).run(&(any::<bool>(), prop::collection::vec(step(), 1..LONGEST)), run).unwrap();
}

async fn follow(world: &World, starts_as_squatter: bool, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut scene = Scene::new(world, starts_as_squatter).await;
    for step in steps {
        scene.take(world, step).await;
        scene.deliver(world).await;
        if scene.thief_may_undo(world).await {
            scene.is_safe = false;
        }
        if scene.is_safe {
            scene.thief_is_out(world).await?;
        }
    }
    Ok(())
}

impl Scene {
    /// An account of the owner whose password the thief knows, or one that the thief created with the owner's address.
    async fn new(world: &World, starts_as_squatter: bool) -> Self {
        let shop = Shop::over(world);
        let first = "seven tall herons".to_owned();
        let player = |at, name: &str| Player {
            person: Person::at(at),
            addresses: vec![address(name), address(name)],
            mails: Vec::new(),
            passwords: vec![first.clone()],
        };
        let (mut owner, mut thief) = (player(1, "owner"), player(2, "thief"));
        let email = owner.addresses[0].clone();
        let maker = if starts_as_squatter { &mut thief } else { &mut owner };
        let id = maker.person.sign_up(&shop, email.as_str(), &first).await.id;
        let mut scene = Self { shop, id, owner, thief, chosen: 0, is_safe: false };
        scene.deliver(world).await;
        scene
    }

    async fn take(&mut self, world: &World, step: Step) {
        match step {
            Step::Owner(deed) => {
                if self.act(world, Who::Owner, deed).await == Outcome::Reset {
                    self.is_safe = true;
                }
            }
            Step::ReadMail => {
                let latest = self.owner.mails.len().saturating_sub(8);
                self.thief.mails.extend_from_slice(&self.owner.mails[latest..]);
                // A link is valid until the password is set, and the owner is notified of that.
                let is_done = |mail: &Mail| matches!(mail.letter, MailKind::PasswordChanged(_));
                let since = self.owner.mails.iter().rev().take_while(|mail| !is_done(mail));
                let opens = |purpose| matches!(purpose, LinkPurpose::ResetPassword | LinkPurpose::VerifyEmail);
                if since.flat_map(links).any(|(purpose, _)| opens(purpose)) {
                    self.is_safe = false;
                }
            }
            Step::OwnerWhileEndsAreLost(deed, thiefs) => {
                self.shop.sessions.lose_ends(true);
                let outcome = self.act(world, Who::Owner, deed).await;
                for deed in thiefs {
                    self.deliver(world).await;
                    self.act(world, Who::Thief, deed).await;
                }
                self.shop.sessions.lose_ends(false);
                // Plus the tolerated clock skew of half a minute.
                world.clock.advance(time::Duration::minutes(16));
                if outcome == Outcome::Reset {
                    self.is_safe = true;
                }
            }
            Step::Thief(deed) => {
                self.act(world, Who::Thief, deed).await;
            }
            Step::Steal => {
                self.thief.person.sessions.extend(self.owner.person.sessions.last().cloned());
                self.thief.person.caller.browser = self.owner.person.caller.browser;
                self.is_safe = false;
            }
            Step::ThiefLogsInWhile(deed) => self.log_in_while(world, deed).await,
            Step::Pass { minutes } => world.clock.advance(time::Duration::minutes(minutes)),
        }
    }

    /// The owner's action happens while the thief's password is being verified.
    async fn log_in_while(&mut self, world: &World, deed: Deed) {
        let Some(email) = self.email(world).await else { return };
        let password = self.thief.passwords.last().cloned().unwrap_or_default();
        let (meanwhile, done) = (tokio::sync::oneshot::channel(), tokio::sync::oneshot::channel());
        let ((begun, begins), (ended, ends)) = (meanwhile, done);
        self.shop
            .hasher
            .during_next_verification(Box::pin(async move {
                let _ = begun.send(());
                drop(ends.await);
            }))
            .await;
        let accounts = self.shop.accounts.clone();
        let caller = self.thief.person.caller.clone();
        let form = doorstep::domain::LogIn::parse(email.as_str(), &password).unwrap();
        let login = tokio::spawn(async move { accounts.log_in(form, caller, None).await });
        drop(begins.await);
        if self.act(world, Who::Owner, deed).await == Outcome::Reset {
            self.is_safe = true;
        }
        let _ = ended.send(());
        if let Ok((_, tokens)) = login.await.unwrap() {
            self.thief.person.keep(&tokens);
        }
    }

    async fn email(&self, world: &World) -> Option<EmailAddress> {
        world.customers.find(self.id).await.unwrap().map(|customer| customer.email)
    }

    /// Delivers mail to its mailboxes, and returns true if there was a reset link.
    async fn deliver(&mut self, world: &World) -> bool {
        let mails = take_mail(world).await;
        let has_reset = mails.iter().any(|mail| matches!(mail.letter, MailKind::ResetPassword(..)));
        for mail in mails {
            for player in [&mut self.owner, &mut self.thief] {
                if player.addresses.contains(&mail.to) {
                    player.mails.push(mail.clone());
                }
            }
        }
        has_reset
    }

    /// Returns true while the thief may use the mail to a former address, within 72 hours.
    async fn thief_may_undo(&self, world: &World) -> bool {
        let former = world.customers.address(self.id).await.unwrap().former;
        former.iter().any(|former| world.now() < former.until && self.thief.addresses.contains(&former.email))
    }

    /// Checks that nothing the thief has ever had signs them in, and that the account has no address of theirs.
    async fn thief_is_out(&mut self, world: &World) -> Result<(), TestCaseError> {
        let email = self.email(world).await.unwrap();
        prop_assert!(!self.thief.addresses.contains(&email), "the account is at the thief's address");
        // Copies, so that the check changes nothing. A token that it uses up was the thief's own.
        let mut thief = self.thief.person.clone();
        thief.sessions = thief.sessions.split_off(thief.sessions.len().saturating_sub(4));
        prop_assert!(thief.identity(&self.shop).await.is_none(), "a session of the thief lives");
        let tokens = self.thief.mails.iter().rev().flat_map(links);
        for (_, token) in tokens.filter(|(purpose, _)| *purpose == LinkPurpose::ResetPassword).take(2) {
            let form = ResetPassword::parse(&token, "tall herons of the thief").unwrap();
            let reset = self.shop.accounts.reset_password(form, None, &thief.caller.client).await;
            prop_assert!(reset.is_err(), "a reset link of the thief is good");
        }
        for password in self.thief.passwords.iter().rev().take(3) {
            let logged_in = thief.log_in(&self.shop, &email, password).await;
            prop_assert!(logged_in.is_err(), "the thief knows the password");
        }
        Ok(())
    }

    fn player(&mut self, who: Who) -> &mut Player {
        match who {
            Who::Owner => &mut self.owner,
            Who::Thief => &mut self.thief,
        }
    }

    /// Performs an action, as far as possible.
    async fn act(&mut self, world: &World, who: Who, deed: Deed) -> Outcome {
        let Some(email) = self.email(world).await else { return Outcome::None };
        let accounts = self.shop.accounts.clone();
        let mut player = self.player(who).clone();
        let (client, caller) = (player.person.caller.client.clone(), player.person.caller.clone());
        let password = player.passwords.last().cloned().unwrap_or_default();
        let identity = player.person.identity(&self.shop).await;
        let newest = |purpose| newest(&player.mails, purpose);
        let mut outcome = Outcome::None;
        match (deed, identity) {
            (Deed::LogIn, _) => drop(player.person.log_in(&self.shop, &email, &password).await),
            (Deed::Confirm, Some(identity)) => {
                if let Ok(tokens) = accounts.confirm(identity, Confirm::parse(&password).unwrap(), caller).await {
                    player.person.keep(&tokens);
                }
            }
            (Deed::ChangePassword, Some(identity)) => {
                let new = self.new_password();
                let form = ChangePassword::parse(&password, &new).unwrap();
                if let Ok(tokens) = accounts.change_password(identity, form, caller).await {
                    player.person.keep(&tokens);
                    player.passwords.push(new);
                }
            }
            (Deed::Reset, _) => {
                accounts.forgot_password(&email, &caller).await.unwrap();
                *self.player(who) = player.clone();
                // The mail is written in the background.
                eventually(Duration::from_secs(20), "no mail", async || self.deliver(world).await).await;
                player = self.player(who).clone();
                let new = self.new_password();
                // All of their links, the newest first.
                let tokens = player.mails.iter().rev().flat_map(links);
                for (_, token) in tokens.filter(|(purpose, _)| *purpose == LinkPurpose::ResetPassword).take(3) {
                    let form = ResetPassword::parse(&token, &new).unwrap();
                    if let Ok(Some(browser)) = accounts.reset_password(form, None, &client).await {
                        player.person.keep_browser(browser.id);
                        player.passwords.push(new);
                        outcome = Outcome::Reset;
                        break;
                    }
                }
            }
            (Deed::RevokeOthers, Some(identity)) => {
                if let Ok(browser) = accounts.end_other_sessions(identity, &client).await {
                    player.person.keep_browser(browser.id);
                }
            }
            (Deed::ProposeEmail, Some(identity)) => {
                let next = player.addresses.iter().find(|address| **address != email).cloned().unwrap();
                drop(accounts.propose_email(identity, next, &client).await);
            }
            (Deed::CompleteEmail, Some(identity)) => {
                if let Some(token) = newest(LinkPurpose::ChangeEmail) {
                    let proof = ChangeProof::Link(Zeroizing::new(token));
                    if let Ok(browser) = accounts.change_email(identity, proof, &client).await {
                        player.person.keep_browser(browser.id);
                    }
                }
            }
            (Deed::WithdrawEmail, Some(identity)) => drop(accounts.withdraw_email(identity, &client).await),
            (Deed::Secure, _) => {
                let tokens: Vec<_> = player.mails.iter().rev().flat_map(links).collect();
                let tokens = tokens.into_iter().filter(|(purpose, _)| *purpose == LinkPurpose::SecureAccount);
                for (_, token) in tokens.take(3) {
                    if accounts.secure_account(&token, &client).await.is_ok() {
                        break;
                    }
                }
            }
            (Deed::Verify, _) => {
                if let Some(token) = newest(LinkPurpose::VerifyEmail) {
                    let proof = EmailProof::Link(Zeroizing::new(token));
                    drop(accounts.verify_email(proof, Person::at(9).caller, None, None).await);
                }
            }
            (Deed::LogOut, Some(_)) => {
                if let Some(held) = player.person.sessions.pop() {
                    drop(accounts.log_out(Some(&held.access), Some(&held.refresh), &client).await);
                }
            }
            (_, None) => {}
        }
        *self.player(who) = player;
        outcome
    }

    fn new_password(&mut self) -> String {
        self.chosen += 1;
        format!("tall herons stand in water {}", self.chosen)
    }
}

#[derive(Clone, Copy)]
enum Who {
    Owner,
    Thief,
}

/// The outcome of an action.
#[derive(PartialEq, Eq)]
enum Outcome {
    None,
    /// The password was reset.
    Reset,
}

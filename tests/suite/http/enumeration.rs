//! Neither a response nor the work behind it, which a caller could measure as time, reveals if an address has an
//! account. Store operations and bcrypt rounds are counted, not timed.

use std::{collections::BTreeMap, sync::Arc};

use axum::http::StatusCode;
use doorstep::{
    accounts::{
        LinkId, Mail, TicketHash,
        ports::{Clock, Credentials, MailRenderer, PasswordHash, PasswordHasher, Verification, WrittenMail},
    },
    adapters::{embedded::Embedded, hasher::BcryptHasher, randomness::SystemRandomness},
    composition::{Mailing, Stores},
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Password, PersonName, Role},
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use tempfile::TempDir;

use super::harness::{Answer, Client, Options, PASSWORD, build_with_hasher, client_of};
use crate::{
    stores::harness::random,
    support::{FakeClock, folder},
};

const COST: u32 = 7;

/// Every state of an address.
const ADDRESSES: [&str; 8] = [
    "nobody@x.test",
    "known@x.test",
    "pending@x.test",
    // Signed up, and is used, since before the shop required verified addresses.
    "in-use@x.test",
    "disabled@x.test",
    "cheaper@x.test",
    "imported@x.test",
    "unreadable@x.test",
];

/// Operations that run in the background or serve other purposes.
const ASIDE: [&str; 4] = ["timeline.", "outbox.", "signing_keys.", "customers.renew_verification"];

/// What a caller observes of one request: its response and its cost.
#[derive(Debug, PartialEq, Eq)]
struct Observed {
    status: StatusCode,
    headers: Vec<(String, String)>,
    body: String,
    operations: BTreeMap<String, u64>,
    rounds: u64,
}

/// A shop that requires verified addresses, and counts operations.
struct World {
    client: Client,
    hasher: Arc<BcryptHasher>,
    metrics: PrometheusHandle,
    stores: Stores,
    _folder: TempDir,
}

/// Operations of background tasks, and those after a sign-up's response, which are the same for every address.
const NO_ANSWER_WAITS: [&str; 3] = ["customers.remove_abandoned", "sessions.end_others", "browsers.forget"];

struct NoWords;

impl MailRenderer for NoWords {
    fn write(&self, _: &Mail) -> Result<WrittenMail, Box<dyn std::error::Error + Send + Sync>> {
        Err("it is not read".into())
    }
}

impl World {
    async fn new(metrics: PrometheusHandle) -> Self {
        let folder = folder();
        let clock = Arc::new(FakeClock::new());
        let stores = Stores::embedded(Embedded::open(folder.path(), clock.clone() as Arc<dyn Clock>).await.unwrap());
        let hasher = Arc::new(BcryptHasher::new(COST, Arc::new(SystemRandomness)));
        for email in &ADDRESSES[1..] {
            let customer = customer(email, clock.now());
            let id = customer.id;
            let new = Credentials { customer, password: stored_hash(email).await };
            let link = LinkId::draw(&SystemRandomness);
            let ticket = (*email == "pending@x.test").then(|| TicketHash::from_bytes(random()));
            let awaited = Verification { hash: link.hash(), expires_at: clock.now() + time::Duration::DAY, ticket };
            let awaited = (!new.customer.verified).then_some(awaited);
            stores.customers.create(&new, awaited.as_ref(), None).await.unwrap();
            if *email == "disabled@x.test" {
                assert!(stores.customers.set_disabled(id, true, clock.now()).await.unwrap());
            }
        }
        let options = Options {
            rate_limits: true,
            sign_ups_per_hour: 1000,
            requires_verified_email: true,
            mailing: Mailing::Kept(Arc::new(NoWords)),
            ..Options::default()
        };
        let router = build_with_hasher(&options, stores.clone(), clock, hasher.clone()).await;
        Self { client: client_of(router), hasher, metrics, stores, _folder: folder }
    }

    /// Returns a browser in a network that has made no requests.
    fn stranger(&self) -> Client {
        let mut stranger = self.client.clone();
        stranger.address = random::<16>().into();
        stranger
    }

    async fn observe(&self, mut client: Client, ask: impl AsyncFnOnce(&mut Client) -> Answer) -> Observed {
        let (operations, rounds) = (self.operations(), self.hasher.rounds());
        let answer = ask(&mut client).await;
        let mut headers: Vec<_> = answer
            .headers
            .iter()
            .filter(|(name, _)| !["x-request-id", "set-cookie"].contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        headers.extend(answer.set_cookies().iter().map(|cookie| {
            let (name, _) = cookie.split_once('=').unwrap();
            ("set-cookie".to_owned(), name.to_owned())
        }));
        let by_request =
            self.operations().into_iter().filter(|(operation, _)| !NO_ANSWER_WAITS.contains(&operation.as_str()));
        let done = by_request.filter_map(|(operation, count)| {
            let more = count - operations.get(&operation).copied().unwrap_or(0);
            (more > 0).then_some((operation, more))
        });
        let mut counted = BTreeMap::new();
        for (operation, count) in done {
            *counted.entry(operation).or_default() += count;
        }
        let rounds = self.hasher.rounds() - rounds;
        Observed { status: answer.status, headers, body: answer.body, operations: counted, rounds }
    }

    fn operations(&self) -> BTreeMap<String, u64> {
        let text = self.metrics.render();
        let lines = text.lines().filter_map(|line| line.strip_prefix("doorstep_store_duration_seconds_count{"));
        let mut counted = BTreeMap::new();
        for line in lines {
            let (labels, count) = line.rsplit_once(' ').unwrap();
            let (_, rest) = labels.split_once("operation=\"").unwrap();
            let (operation, _) = rest.split_once('"').unwrap();
            if ASIDE.iter().any(|aside| operation.starts_with(aside)) {
                continue;
            }
            // One write: a new account, or a mail about the existing one.
            let operation = match operation {
                "customers.create" | "customers.replace_unverified" | "customers.allow_reset" => "customers.(write)",
                other => other,
            };
            *counted.entry(operation.to_owned()).or_default() += count.parse::<u64>().unwrap();
        }
        counted
    }
}

fn customer(email: &str, now: time::OffsetDateTime) -> Customer {
    Customer {
        id: CustomerId::new(now, random()),
        name: PersonName::parse("Ada").unwrap(),
        email: EmailAddress::parse(email).unwrap(),
        verified: !["pending@x.test", "in-use@x.test"].contains(&email),
        disabled: false,
        role: Role::Customer,
        language: None,
        epoch: CredentialEpoch::default(),
        password_changed_at: None,
        created_at: now,
        updated_at: now,
    }
}

async fn stored_hash(email: &str) -> PasswordHash {
    let by = async |cost| {
        let hasher = BcryptHasher::new(cost, Arc::new(SystemRandomness));
        hasher.hash(Password::parse(PASSWORD).unwrap()).await.unwrap()
    };
    match email {
        "cheaper@x.test" => by(COST - 2).await,
        // Hash of "tutorial", written by another shop system.
        "imported@x.test" => {
            PasswordHash::new("$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui".to_owned())
        }
        "unreadable@x.test" => PasswordHash::new("$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA".to_owned()),
        _ => by(COST).await,
    }
}

fn recorder() -> (metrics::LocalRecorderGuard<'static>, PrometheusHandle) {
    let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
    let handle = recorder.handle();
    (metrics::set_default_local_recorder(recorder), handle)
}

/// Checks that all of these are equal.
fn alike(what: &str, observed: &[(String, Observed)]) {
    let (_, first) = &observed[0];
    for (email, other) in observed {
        assert_eq!(other, first, "{what}: {email} differs from {}", observed[0].0);
    }
}

async fn post(client: &mut Client, path: &str, body: serde_json::Value) -> Answer {
    client.post_json(&format!("/api/auth/{path}"), body.to_string()).await
}

async fn type_code(client: &mut Client) -> Answer {
    post(client, "verify-email", json!({ "code": "000000" })).await
}

#[tokio::test]
async fn n4_a6_l1_a_failed_login_costs_and_reveals_the_same_for_every_address() {
    let (_recording, metrics) = recorder();
    let world = World::new(metrics).await;
    let mut observed = Vec::new();
    for email in ADDRESSES {
        let login = async |client: &mut Client| client.log_in(email, "wrong password").await;
        observed.push((email.to_owned(), world.observe(world.stranger(), login).await));
    }
    // The right password grants no access to either of these.
    for email in ["disabled@x.test", "pending@x.test"] {
        let login = async |client: &mut Client| client.log_in(email, PASSWORD).await;
        observed.push((format!("{email} with its password"), world.observe(world.stranger(), login).await));
    }
    alike("login", &observed);
    let (_, one) = &observed[0];
    assert_eq!((one.status, one.rounds), (StatusCode::UNAUTHORIZED, 1 << COST));
    assert!(one.operations.contains_key("customers.find_credentials"), "nothing is counted: {one:?}");
}

#[tokio::test]
async fn n4_a6_r2_requests_that_send_mail_cost_and_reveal_the_same_for_every_address() {
    let (_recording, metrics) = recorder();
    let world = World::new(metrics).await;
    let (mut resent, mut signed_up, mut typed) = (Vec::new(), Vec::new(), Vec::new());
    for email in ADDRESSES {
        let ask_again =
            async |client: &mut Client| post(client, "verify-email/resend", json!({ "email": email })).await;
        resent.push((email.to_owned(), world.observe(world.stranger(), ask_again).await));
    }
    for email in ADDRESSES {
        let mut newcomer = world.stranger();
        let sign_up = async |client: &mut Client| client.sign_up(email).await;
        signed_up.push((email.to_owned(), world.observe(newcomer.clone(), sign_up).await));
        // In the browser that signs up.
        newcomer.sign_up(email).await.expect(StatusCode::ACCEPTED);
        typed.push((email.to_owned(), world.observe(newcomer, type_code).await));
    }
    // A browser that signed up with an address whose account was removed.
    let mut newcomer = world.stranger();
    newcomer.sign_up("gone@x.test").await.expect(StatusCode::ACCEPTED);
    let gone = EmailAddress::parse("gone@x.test").unwrap();
    assert!(world.stores.customers.remove_unverified(&gone).await.unwrap().is_some());
    typed.push(("gone@x.test".to_owned(), world.observe(newcomer, type_code).await));
    alike("resend", &resent);
    alike("sign-up", &signed_up);
    alike("code", &typed);
    assert_eq!(signed_up[0].1.rounds, 1 << COST);
    assert_eq!(typed[0].1.status, StatusCode::UNPROCESSABLE_ENTITY);

    let mut owner = world.stranger();
    owner.log_in("known@x.test", PASSWORD).await.expect(StatusCode::OK);
    // The first request of a session is recorded.
    owner.profile().await.expect(StatusCode::OK);
    let mut proposed = Vec::new();
    for email in ["free@x.test", "disabled@x.test", "pending@x.test", "cheaper@x.test"] {
        let propose = async |client: &mut Client| post(client, "change-email", json!({ "email": email })).await;
        proposed.push((email.to_owned(), world.observe(owner.clone(), propose).await));
    }
    alike("proposal", &proposed);
    assert_eq!(proposed[0].1.status, StatusCode::OK);
}

#[tokio::test]
async fn n4_a6_v1_a_request_for_a_reset_costs_and_reveals_the_same_for_every_address() {
    let (_recording, metrics) = recorder();
    let world = World::new(metrics).await;
    let mut observed = Vec::new();
    for email in ADDRESSES {
        let ask = async |client: &mut Client| post(client, "forgot-password", json!({ "email": email })).await;
        let mut seen = world.observe(world.stranger(), ask).await;
        // The mail is written in the background.
        seen.operations.remove("customers.(write)");
        observed.push((email.to_owned(), seen));
    }
    alike("reset", &observed);
    assert_eq!((observed[0].1.status, observed[0].1.rounds), (StatusCode::OK, 0));
}

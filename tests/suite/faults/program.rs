//! The program itself is killed during sign-ups on its embedded store.

use std::{io, sync::mpsc, thread};

use serde_json::json;

use super::MANY;
use crate::{http::harness::PASSWORD, program::Serving, support::folder};

/// Returns the status of a response, if there was one.
fn status(answer: io::Result<String>) -> Option<u16> {
    answer.ok()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

fn sign_up(serving: &Serving, email: &str) -> Option<u16> {
    let body = json!({ "name": "Ada", "email": email, "password": PASSWORD });
    status(serving.post("/api/auth/signup", "", &body.to_string()))
}

fn log_in(serving: &Serving, email: &str) -> Option<u16> {
    let body = json!({ "email": email, "password": PASSWORD });
    status(serving.post("/api/auth/login", "", &body.to_string()))
}

/// Signs customers up, one after the other, until there is no response. Reports the accounts, and returns the address
/// of the failed sign-up.
fn sign_up_until_it_dies(serving: &Serving, name: &str, acknowledged: &mpsc::Sender<String>) -> String {
    for number in 0..MANY {
        let email = format!("customer{number}of{name}@x.test");
        match sign_up(serving, &email) {
            Some(status) => assert_eq!(status, 201, "{email}"),
            None => return email,
        }
        acknowledged.send(email).unwrap();
    }
    panic!("the program was killed, and lives");
}

/// Runs several sign-ups at once, and kills the program after some have succeeded. Returns the customers with an
/// account, and those who may have none.
fn kill_during_sign_ups(serving: &Serving, round: usize) -> (Vec<String>, Vec<String>) {
    let (acknowledge, acknowledged) = mpsc::channel();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|worker| {
                let acknowledge = acknowledge.clone();
                scope.spawn(move || sign_up_until_it_dies(serving, &format!("{worker}in{round}"), &acknowledge))
            })
            .collect();
        drop(acknowledge);
        let mut customers: Vec<String> = acknowledged.iter().take(8).collect();
        serving.kill();
        let unclear = workers.into_iter().map(|worker| worker.join().unwrap()).collect();
        customers.extend(acknowledged);
        (customers, unclear)
    })
}

#[test]
fn a_sign_up_interrupted_by_a_kill_creates_a_whole_account_or_none() {
    let folder = folder();
    let start = || Serving::start(folder.path(), &[("RATE_LIMITS", "off")]);
    let mut serving = start();
    for round in 0..3 {
        let (customers, unclear) = kill_during_sign_ups(&serving, round);
        assert!(customers.len() >= 8, "{customers:?}");
        drop(serving);
        serving = start();
        for email in &unclear {
            let status = sign_up(&serving, email);
            assert!(status == Some(201) || status == Some(409), "{email}: {status:?}");
        }
        for email in customers.iter().chain(&unclear) {
            assert_eq!(log_in(&serving, email), Some(200), "{email}");
        }
    }
}

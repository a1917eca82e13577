//! What every store promises to whoever carries a shop's data out of it and into it.

use doorstep::{
    accounts::{
        Activity, ArchiveError, BrowserHash, Client, Device, FormerEmail, FormerEmails, LinkHash, SealedKey, SessionId,
        TicketHash,
        ports::{Address, Belonging, CustomerRecord, EmailChange, KnownBrowser, Reset, Verification, WaitingMail},
    },
    domain::{CredentialEpoch, Customer, Event, Role},
};
use mongodb::bson::doc;
use time::Duration;

use super::{
    harness::{World, drop_database, random},
    outbox::mail_to,
};
use crate::servers::Servers;

store_contract![
    what_is_put_in_is_given_out_page_by_page,
    an_import_that_is_run_again_changes_nothing,
    a_customer_who_is_there_becomes_what_the_archive_says,
    an_address_of_another_customer_is_left_out_with_all_that_is_theirs,
    an_archive_that_was_cut_off_is_read_as_far_as_it_goes,
    what_is_no_archive_is_refused_by_its_line,
];

/// A customer of whom nothing is awaited.
fn plain(world: &World, email: &str) -> CustomerRecord {
    let new = world.new_customer(email);
    CustomerRecord { customer: new.customer, password: Some(new.password), reset: None, address: Address::default() }
}

/// A customer of whom everything is awaited.
fn busy(world: &World, email: &str) -> CustomerRecord {
    let mut record = plain(world, email);
    let now = world.now();
    let (hash, expires_at) = (LinkHash::from_bytes(random()), now + Duration::HOUR);
    record.customer.verified = false;
    record.customer.epoch = CredentialEpoch::new(7);
    record.customer.role = Role::Admin;
    record.customer.disabled = true;
    record.customer.language = None;
    record.customer.updated_at = now + Duration::MILLISECOND;
    record.reset = Some(Reset { hash, expires_at });
    record.address = Address {
        verification: Some(Verification { hash, expires_at, ticket: Some(TicketHash::from_bytes(random())) }),
        change: Some(EmailChange {
            email: record.customer.email.clone(),
            hash,
            expires_at,
            session: SessionId::from_bytes(random()),
        }),
        former: FormerEmails::from_store(vec![
            FormerEmail { email: record.customer.email.clone(), until: expires_at };
            2
        ]),
        secured_at: Some(now),
    };
    record
}

/// All that can belong to a customer.
fn belongings(world: &World, record: &CustomerRecord) -> Vec<Belonging> {
    let (customer, at) = (record.customer.id, world.now());
    let expires_at = at + Duration::DAY;
    let client = Client {
        address: [192, 0, 2, 7].into(),
        device: Device { browser: "Firefox".to_owned(), system: "Zoë’s phone".to_owned() },
        language: None,
    };
    let activity = |event, minutes, count, client| {
        let at = at + Duration::minutes(minutes);
        Belonging::Activity(Activity { customer, event, at, count, client, expires_at })
    };
    let to = doorstep::accounts::ports::Credentials {
        customer: record.customer.clone(),
        password: world.new_customer("x@x.test").password,
    };
    let mail = |minutes, attempts| {
        let written_at = at + Duration::minutes(minutes);
        let waiting = WaitingMail { mail: mail_to(&to, written_at), due_at: written_at + Duration::HOUR, attempts };
        Belonging::Mail(Box::new(waiting))
    };
    vec![
        Belonging::Browser(KnownBrowser {
            customer,
            browser: BrowserHash::from_bytes(random()),
            epoch: CredentialEpoch::new(4),
            expires_at,
        }),
        activity(Event::SignedUp, 0, 1, Some(client.clone())),
        activity(Event::LoggedIn, 0, 1, None),
        activity(Event::AttemptFailed, 1, 7, Some(client)),
        mail(0, 0),
        mail(1, 3),
    ]
}

/// Fills a store with something of everything, and answers with the customers by their ids.
async fn fill(world: &World) -> Vec<CustomerRecord> {
    let mut records = vec![plain(world, "ada@x.test"), busy(world, "bob@x.test"), plain(world, "cy@x.test")];
    records[2].password = None;
    records.sort_by_key(|record| record.customer.id);
    assert!(world.archive.put_customers(&records).await.unwrap().is_empty());
    for record in &records[1..] {
        world.archive.put_belongings(&belongings(world, record)).await.unwrap();
    }
    let now = world.now();
    let key = SealedKey { number: 3, created_at: now, signs_from: now + Duration::HOUR, sealed: vec![7; 72] };
    assert!(world.signing_keys.add(&key).await.unwrap());
    records
}

async fn export(world: &World) -> String {
    let mut archive = Vec::new();
    let exported = world.archivist().export(&mut archive).await.unwrap();
    assert_eq!(exported.unreadable, 0);
    String::from_utf8(archive).unwrap()
}

async fn import(world: &World, archive: &str) {
    let imported = world.archivist().import(&mut archive.as_bytes()).await.unwrap();
    assert!(imported.skipped.is_empty(), "{imported:?}");
}

#[tokio::test]
async fn from_the_embedded_store_to_mongodb_and_back_nothing_is_lost() {
    let (from, over, back) = (World::embedded().await, World::mongo_redis().await, World::embedded().await);
    fill(&from).await;
    let archive = export(&from).await;
    assert_eq!(archive.lines().count(), 1 + 1 + 3 + 2 * 6 + 1);
    import(&over, &archive).await;
    assert_eq!(export(&over).await, archive);
    import(&back, &export(&over).await).await;
    assert_eq!(export(&back).await, archive);
    over.close().await;
}

async fn what_is_put_in_is_given_out_page_by_page(world: &World) {
    let records = fill(world).await;
    let first = world.archive.customers(None, 2).await.unwrap();
    let read =
        |page: doorstep::accounts::ports::Page| page.customers.into_iter().map(Result::unwrap).collect::<Vec<_>>();
    assert_eq!(first.last, Some(records[1].customer.id));
    let second = world.archive.customers(first.last, 2).await.unwrap();
    assert_eq!(second.last, Some(records[2].customer.id));
    assert!(world.archive.customers(second.last, 2).await.unwrap().last.is_none());
    assert_eq!([read(first), read(second)].concat(), records);
    for record in &records {
        let id = record.customer.id;
        assert_eq!(world.customers.find(id).await.unwrap().unwrap(), record.customer);
        assert_eq!(world.customers.address(id).await.unwrap(), record.address);
    }
    let ids = [records[1].customer.id];
    let theirs = world.archive.belongings(&ids).await.unwrap();
    let theirs: Vec<_> = theirs.into_iter().map(Result::unwrap).collect();
    assert_eq!(theirs.len(), 6);
    for belonging in theirs {
        assert_eq!(belonging.customer(), ids[0]);
        match belonging {
            Belonging::Browser(KnownBrowser { customer, browser, epoch, .. }) => {
                assert!(world.browsers.knows(customer, epoch, browser, world.now()).await.unwrap());
            }
            Belonging::Activity(activity) => {
                let told = world.timeline.activities(activity.customer, world.now(), 100).await.unwrap();
                assert!(told.contains(&activity), "{activity:?} {told:?}");
            }
            Belonging::Mail(waiting) => assert!(world.outbox.latest(9).await.unwrap().contains(&waiting.mail)),
        }
    }
}

async fn an_import_that_is_run_again_changes_nothing(world: &World) {
    fill(world).await;
    let archive = export(world).await;
    import(world, &archive).await;
    import(world, &archive).await;
    assert_eq!(export(world).await, archive);
}

async fn a_customer_who_is_there_becomes_what_the_archive_says(world: &World) {
    let then = plain(world, "ada@x.test");
    world.archive.put_customers(std::slice::from_ref(&then)).await.unwrap();
    let archive = export(world).await;
    let mut since = busy(world, "ada@new.test");
    since.customer.id = then.customer.id;
    let epoch = since.customer.epoch;
    world.archive.put_customers(&[since]).await.unwrap();
    assert_ne!(export(world).await, archive);
    import(world, &archive).await;
    // All but the epoch, which never goes back: sessions and links of an earlier one would be good again.
    assert_eq!(export(world).await, archive.replace("Z\"}\n", &format!("Z\",\"epoch\":{}}}\n", epoch.number())));
    let found = world.customers.find_credentials(&then.customer.email).await.unwrap().unwrap();
    assert_eq!((found.customer, Some(found.password)), (Customer { epoch, ..then.customer }, then.password));
}

async fn an_address_of_another_customer_is_left_out_with_all_that_is_theirs(world: &World) {
    let other = World::embedded().await;
    let records = fill(&other).await;
    let taken = &records[1].customer;
    let owner = plain(world, taken.email.as_str());
    world.archive.put_customers(std::slice::from_ref(&owner)).await.unwrap();
    let archive = export(&other).await;
    for _ in 0..2 {
        let imported = world.archivist().import(&mut archive.as_bytes()).await.unwrap();
        assert_eq!(imported.customers, 2);
        assert_eq!(Vec::from_iter(imported.skipped), [taken.id]);
        assert_eq!(world.customers.find_by_email(&taken.email).await.unwrap().as_ref(), Some(&owner.customer));
        assert_eq!(world.customers.find(taken.id).await.unwrap(), None);
        assert!(world.archive.belongings(&[taken.id]).await.unwrap().is_empty());
        assert!(world.customers.find(records[2].customer.id).await.unwrap().is_some());
        assert_eq!(world.archive.belongings(&[records[2].customer.id]).await.unwrap().len(), 6);
    }
}

async fn an_archive_that_was_cut_off_is_read_as_far_as_it_goes(world: &World) {
    let other = World::embedded().await;
    let records = fill(&other).await;
    let archive = export(&other).await;
    let lines: Vec<&str> = archive.lines().collect();
    let whole_lines = format!("{}\n", lines[..4].join("\n"));
    let half_a_line = format!("{whole_lines}{}", &lines[4][..20]);
    for cut in [half_a_line, whole_lines, archive.replacen(lines[2], "", 1).replacen("\n\n", "\n", 1)] {
        let at = if cut.ends_with("}\n") && cut.contains("\"end\"") { lines.len() - 1 } else { 5 };
        let error = world.archivist().import(&mut cut.as_bytes()).await.unwrap_err();
        assert!(matches!(error, ArchiveError::Line { line, .. } if line == at as u64), "{error}");
        assert!(world.customers.find(records[1].customer.id).await.unwrap().is_some(), "what came before stays");
    }
    import(world, &archive).await;
    assert_eq!(export(world).await, archive);
}

async fn what_is_no_archive_is_refused_by_its_line(world: &World) {
    let header = r#"{"kind":"doorstep","version":1}"#;
    let date = "2026-01-01T00:00:00Z";
    let customer = format!(
        r#""id":"65a000000000000000000001","name":"Ada","email":"a@x.test","role":"admin","createdAt":"{date}","updatedAt":"{date}""#
    );
    let far = customer.replacen(date, "9999-12-31T23:59:59-23:59", 1);
    for (line, archive) in [
        (1, String::new()),
        (1, "\u{0}\u{1}".to_owned()),
        (1, "name,email\nAda,ada@x.test\n".to_owned()),
        (1, r#"{"kind":"doorstep","version":2}"#.to_owned()),
        (1, format!(r#"{{"kind":"customer",{customer}}}"#)),
        (1, "[".repeat(2 << 20)),
        (2, format!("{header}\n{header}\n")),
        (2, format!("{header}\n\n")),
        (2, format!("{header}\n{}", "[".repeat(2 << 20))),
        (2, format!("{header}\n{{\"kind\":\"cart\"}}\n")),
        (2, format!("{header}\n{{\"kind\":\"customer\",{far}}}\n")),
        (2, format!("{header}\n{{\"kind\":\"customer\",{customer},\"barred\":true}}\n")),
        (2, format!("{header}\n{{\"kind\":\"end\",\"records\":1}}\n")),
        (3, format!("{header}\n{{\"kind\":\"customer\",{customer}}}\n")),
        (3, format!("{header}\n{{\"kind\":\"end\",\"records\":0}}\n{header}\n")),
    ] {
        let said = &archive[..archive.len().min(200)];
        match world.archivist().import(&mut archive.as_bytes()).await {
            Err(ArchiveError::Line { line: at, .. }) => assert_eq!(at, line, "{said}"),
            other => panic!("{said}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_a_shop_keeps_of_its_own_in_mongodb_stays_and_what_cannot_be_read_is_counted() {
    let servers = Servers::new();
    let store = doorstep::adapters::mongo::MongoStore::connect(&servers.mongodb).await.unwrap();
    let store = std::sync::Arc::new(store);
    let archivist = doorstep::accounts::Archivist { store: store.clone(), signing_keys: store.clone() };
    let world = World::embedded().await;
    let records = fill(&world).await;
    let archive = export(&world).await;
    archivist.import(&mut archive.as_bytes()).await.unwrap();
    let users = servers.users().await;
    let own = doc! { "$set": { "cart": [7], "doorstep.later": true } };
    users.update_many(doc! {}, own).await.unwrap();
    archivist.import(&mut archive.as_bytes()).await.unwrap();
    let kept = doc! { "cart": [7], "doorstep.later": true, "__v": 0 };
    assert_eq!(users.count_documents(kept).await.unwrap(), 3);

    let by_id = doc! { "email": records[0].customer.email.as_str() };
    users.update_one(by_id, doc! { "$set": { "name": 7 } }).await.unwrap();
    let exported = archivist.export(&mut Vec::new()).await.unwrap();
    assert_eq!((exported.customers, exported.unreadable), (2, 1));
    drop_database(&servers).await;
}

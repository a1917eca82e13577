//! The contract of stores for export and import.

use doorstep::{
    accounts::{
        Activity, ArchiveError, BrowserHash, Client, Device, FormerEmail, FormerEmails, LinkHash, SealedKey, SessionId,
        TicketHash,
        ports::{
            Address, Belonging, CustomerRecord, EmailChange, KnownBrowser, LeftOut, LeftOutReason, PasswordChange,
            PasswordHash, Reset, Verification, WaitingMail,
        },
    },
    domain::{CredentialEpoch, Customer, EmailAddress, Event, Role},
};
use mongodb::bson::doc;
use time::Duration;

use super::{
    harness::{World, drop_database, new_email, random},
    outbox::mail_to,
};
use crate::servers::Servers;

store_contract![
    imported_customers_are_read_page_by_page,
    an_import_that_is_run_again_changes_nothing,
    a1_an_import_of_an_older_record_undoes_no_credential_event,
    a1_a_newer_record_replaces_the_whole_customer_and_an_older_one_changes_nothing,
    a1_a_record_that_replaces_a_password_an_address_or_a_state_starts_a_later_epoch,
    n32_an_import_that_ended_sessions_is_recognised_and_later_records_of_the_same_source_replace_it,
    n32_repeating_an_import_that_was_cut_off_after_a_customer_adds_all_their_records,
    n32_a_change_with_the_same_time_and_epoch_is_imported_and_undoes_nothing,
    a1_an_older_archive_undoes_nothing_of_keys_browsers_and_activity,
    n30_an_invalid_record_is_left_out_and_an_address_becomes_canonical,
    n30_a_damaged_archive_is_refused_with_the_fault_and_the_number_of_imported_customers,
    an_imported_customer_with_a_taken_address_is_left_out_with_all_their_records,
    an_archive_that_was_cut_off_is_read_as_far_as_it_goes,
    an_invalid_archive_is_refused_with_its_line_number,
];

/// Returns a customer without anything pending.
fn plain(world: &World, email: &str) -> CustomerRecord {
    let new = world.new_customer(email);
    CustomerRecord { customer: new.customer, password: Some(new.password), reset: None, address: Address::default() }
}

/// Returns a customer with everything pending.
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
            FormerEmail {
                email: record.customer.email.clone(),
                until: expires_at,
                secured_at: Some(expires_at)
            };
            2
        ]),
        secured_at: Some(now),
    };
    record
}

/// Returns data of every kind for a customer.
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

/// Fills a store with data of every kind, and returns the customers in the order of their ids.
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

async fn imported_customers_are_read_page_by_page(world: &World) {
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

/// Imports an archive whose customers have changed in the store since: each is skipped, and nothing of theirs changes.
async fn import_older(world: &World, archive: &str, skipped: usize) {
    let before = export(world).await;
    for _ in 0..2 {
        let imported = world.archivist().import(&mut archive.as_bytes()).await.unwrap();
        assert_eq!((imported.newer.len(), imported.skipped.len()), (skipped, 0), "{imported:?}");
        assert_eq!(export(world).await, before);
    }
}

async fn a1_an_import_of_an_older_record_undoes_no_credential_event(world: &World) {
    // Each has a reset link, and is changed in a different way after the export.
    let names = ["reset", "password", "disabled", "signed-out", "role"];
    let mut records: Vec<_> = names.map(|name| plain(world, &format!("{name}@x.test"))).into();
    let hash = LinkHash::from_bytes([5; 32]);
    for record in &mut records {
        record.reset = Some(Reset { hash, expires_at: world.now() + Duration::HOUR });
    }
    world.archive.put_customers(&records).await.unwrap();
    for record in &records {
        world.archive.put_belongings(&belongings(world, record)).await.unwrap();
    }
    let archive = export(world).await;
    world.clock.advance(Duration::SECOND);
    let (now, customers) = (world.now(), &world.customers);
    let [reset, password, disabled, signed_out, role] = &records[..] else { panic!() };
    let new = PasswordHash::new("$2b$12$second".to_owned());
    customers.reset_password(reset.customer.id, hash, &new, now, None).await.unwrap().unwrap();
    let old = password.password.clone().unwrap();
    let Customer { id, epoch, .. } = password.customer;
    let change = PasswordChange { customer: id, epoch, old: &old, new: &new, now };
    assert!(customers.change_password(&change, None).await.unwrap());
    assert!(customers.set_disabled(disabled.customer.id, true, now).await.unwrap());
    customers.start_epoch(signed_out.customer.id, None).await.unwrap().unwrap();
    assert!(customers.set_role(role.customer.id, Role::Admin, now).await.unwrap());

    import_older(world, &archive, records.len()).await;
    for changed in [reset, password] {
        let found = customers.find_credentials(&changed.customer.email).await.unwrap().unwrap();
        assert!(found.password == new, "the password of before is back");
    }
    assert!(!customers.may_reset(reset.customer.id, hash, now).await.unwrap(), "a used link is good again");
    assert_eq!(customers.standing(disabled.customer.id).await.unwrap(), None, "a disabled customer is back");
    assert_eq!(customers.standing(role.customer.id).await.unwrap().unwrap().role, Role::Admin);
}

async fn a1_a_newer_record_replaces_the_whole_customer_and_an_older_one_changes_nothing(world: &World) {
    // By the epoch, and within one epoch by the time of the last change.
    let mut older = busy(world, "ada@x.test");
    older.customer.epoch = CredentialEpoch::new(3);
    let mut later = plain(world, "ada@x.test");
    later.customer = Customer { updated_at: older.customer.updated_at + Duration::SECOND, ..older.customer.clone() };
    later.customer.verified = true;
    (later.customer.role, later.password) = (Role::Customer, older.password.clone());
    let mut of_later_epoch = busy(world, "ada@x.test");
    of_later_epoch.customer = Customer {
        epoch: CredentialEpoch::new(5),
        updated_at: older.customer.updated_at - Duration::DAY,
        ..older.customer.clone()
    };
    of_later_epoch.password = older.password.clone();
    let put = async |record: &CustomerRecord| world.archive.put_customers(std::slice::from_ref(record)).await.unwrap();
    let held = async || world.archive.customers(None, 9).await.unwrap().customers.remove(0).unwrap();
    for record in [&older, &later, &of_later_epoch] {
        assert_eq!(put(record).await, []);
        assert_eq!(held().await, *record, "whole, and in its own epoch: password, address and state are the same");
    }
    for record in [&older, &later] {
        assert_eq!(put(record).await, [LeftOut { index: 0, reason: LeftOutReason::Older }]);
        assert_eq!(held().await, of_later_epoch);
    }
}

/// Puts a record into the store, and returns what it left out.
async fn put(world: &World, record: &CustomerRecord) -> Vec<LeftOut> {
    world.archive.put_customers(std::slice::from_ref(record)).await.unwrap()
}

/// Returns the only customer of the store.
async fn held(world: &World) -> CustomerRecord {
    world.archive.customers(None, 1).await.unwrap().customers.remove(0).unwrap()
}

/// Returns the record in this epoch. The content is what an import takes over.
fn in_epoch(record: &CustomerRecord, epoch: CredentialEpoch) -> CustomerRecord {
    CustomerRecord { customer: Customer { epoch, ..record.customer.clone() }, ..record.clone() }
}

async fn n32_an_import_that_ended_sessions_is_recognised_and_later_records_of_the_same_source_replace_it(
    world: &World,
) {
    type Alter = fn(&mut CustomerRecord);
    let alterations: [Alter; 6] = [
        |record| record.customer.disabled = true,
        |record| record.customer.disabled = false,
        |record| record.password = Some(PasswordHash::new("$2b$12$second".to_owned())),
        |record| record.customer.role = Role::Admin,
        |record| (record.customer.role, record.password) = (Role::Customer, None),
        |record| record.customer.epoch = record.customer.epoch.next(),
    ];
    let mut source = plain(world, "ada@x.test");
    assert_eq!(put(world, &source).await, []);
    for alter in alterations {
        let (before, older) = (held(world).await, source.clone());
        source.customer.updated_at += Duration::SECOND;
        alter(&mut source);
        for _ in 0..2 {
            assert_eq!(put(world, &source).await, []);
            let now = held(world).await;
            assert_eq!(now, in_epoch(&source, now.customer.epoch));
            let is_as_before = now.password == before.password && now.customer.disabled == before.customer.disabled;
            assert!(is_as_before || now.customer.epoch > before.customer.epoch, "sessions of before go on");
            assert!(now.customer.epoch >= before.customer.epoch);
        }
        let now = held(world).await;
        assert_eq!(put(world, &older).await, [LeftOut { index: 0, reason: LeftOutReason::Older }]);
        assert_eq!(held(world).await, now);
    }
    // An event in this store is newer than all that was imported, even without a change of the record.
    world.customers.start_epoch(source.customer.id, None).await.unwrap().unwrap();
    assert_eq!(put(world, &source).await, [LeftOut { index: 0, reason: LeftOutReason::Older }]);
}

async fn n32_repeating_an_import_that_was_cut_off_after_a_customer_adds_all_their_records(world: &World) {
    let other = World::embedded().await;
    let mut record = plain(&other, "ada@x.test");
    put(world, &record).await;
    record.customer.updated_at += Duration::SECOND;
    record.password = Some(PasswordHash::new("$2b$12$second".to_owned()));
    put(&other, &record).await;
    other.archive.put_belongings(&belongings(&other, &record)).await.unwrap();
    let archive = export(&other).await;
    let customer = archive.lines().position(|line| line.contains(r#""kind":"customer""#)).unwrap();
    let cut: String = archive.split_inclusive('\n').take(customer + 1).collect();
    world.archivist().import(&mut cut.as_bytes()).await.unwrap_err();
    let cut_at = held(world).await;
    assert_eq!(cut_at.password, record.password);
    let mut first = None;
    for _ in 0..2 {
        let imported = world.archivist().import(&mut archive.as_bytes()).await.unwrap();
        assert_eq!((imported.customers, imported.newer.len()), (1, 0));
        assert_eq!(held(world).await, cut_at);
        assert_eq!(world.archive.belongings(&[record.customer.id]).await.unwrap().len(), 6);
        let now = export(world).await;
        assert_eq!(*first.get_or_insert(now.clone()), now);
    }
}

async fn n32_a_change_with_the_same_time_and_epoch_is_imported_and_undoes_nothing(world: &World) {
    type Alter = fn(&mut CustomerRecord);
    let changes: [Alter; 6] = [
        |record| record.customer.language = Some(doorstep::domain::Language::Indonesian),
        |record| record.reset.as_mut().unwrap().expires_at += Duration::HOUR,
        |record| record.address.verification.as_mut().unwrap().expires_at += Duration::HOUR,
        |record| record.address.change.as_mut().unwrap().expires_at += Duration::HOUR,
        |record| record.address.change.as_mut().unwrap().session = SessionId::from_bytes(random()),
        |record| record.address.change = None,
    ];
    let mut record = busy(world, "ada@x.test");
    put(world, &record).await;
    for (number, change) in changes.into_iter().enumerate() {
        let older = record.clone();
        change(&mut record);
        for _ in 0..2 {
            assert_eq!(put(world, &record).await, []);
            assert_eq!(held(world).await, record, "{number}");
        }
        // A link that was replaced by a later one does not come back.
        if (1..=3).contains(&number) {
            assert_eq!(put(world, &older).await, [LeftOut { index: 0, reason: LeftOutReason::Older }]);
            assert_eq!(held(world).await, record, "{number}");
        }
    }
    let grants: [Alter; 5] = [
        |record| record.password = Some(PasswordHash::new("$2b$12$second".to_owned())),
        |record| record.customer.email = EmailAddress::parse("eve@x.test").unwrap(),
        |record| record.customer.disabled = false,
        |record| record.customer.role = Role::Customer,
        |record| (record.customer.verified, record.address.verification) = (true, None),
    ];
    for grant in grants {
        let mut other = record.clone();
        grant(&mut other);
        assert_eq!(put(world, &other).await, [LeftOut { index: 0, reason: LeftOutReason::Older }]);
        assert_eq!(held(world).await, record);
    }
}

async fn a1_a_record_that_replaces_a_password_an_address_or_a_state_starts_a_later_epoch(world: &World) {
    type Alter = fn(&mut CustomerRecord);
    let alterations: [Alter; 4] = [
        |record| record.password = Some(PasswordHash::new("$2b$12$second".to_owned())),
        |record| record.password = None,
        |record| record.customer.email = EmailAddress::parse(&new_email()).unwrap(),
        |record| record.customer.disabled = true,
    ];
    for alter in alterations {
        for epoch in [3, 6] {
            let mut there = plain(world, &new_email());
            there.customer.epoch = CredentialEpoch::new(3);
            let mut record = there.clone();
            record.customer.epoch = CredentialEpoch::new(epoch);
            record.customer.updated_at += Duration::SECOND;
            alter(&mut record);
            for record in [&there, &record] {
                assert_eq!(world.archive.put_customers(std::slice::from_ref(record)).await.unwrap(), []);
            }
            let found = world.customers.find(there.customer.id).await.unwrap().unwrap();
            assert!(found.epoch > there.customer.epoch, "{found:?}");
            assert!(epoch == 3 || found.epoch == record.customer.epoch, "an epoch that is later already is kept");
            assert_eq!(found, Customer { epoch: found.epoch, ..record.customer });
        }
    }
}

async fn a1_an_older_archive_undoes_nothing_of_keys_browsers_and_activity(world: &World) {
    let other = World::embedded().await;
    let records = fill(&other).await;
    let archive = export(&other).await;
    import(world, &archive).await;
    let customer = records[1].customer.id;
    let theirs = world.archive.belongings(&[customer]).await.unwrap();
    let later = |belonging: Result<Belonging, _>| match belonging.unwrap() {
        Belonging::Browser(known) => Belonging::Browser(KnownBrowser { epoch: known.epoch.next(), ..known }),
        Belonging::Activity(activity) => {
            let at = activity.at + Duration::SECOND;
            Belonging::Activity(Activity { at, count: activity.count + 1, ..activity })
        }
        mail @ Belonging::Mail(_) => mail,
    };
    let theirs: Vec<_> = theirs.into_iter().map(later).collect();
    world.archive.put_belongings(&theirs).await.unwrap();
    // The key of the archive leaked, and was replaced at once.
    let leaked = world.signing_keys.list().await.unwrap().remove(0);
    let new = SealedKey { number: leaked.number + 1, ..leaked.clone() };
    assert!(world.signing_keys.add(&new).await.unwrap());
    world.signing_keys.remove(&[leaked.number]).await.unwrap();

    let before = export(world).await;
    import(world, &archive).await;
    assert_eq!(world.signing_keys.list().await.unwrap(), [new]);
    assert_eq!(export(world).await, before);
}

async fn n30_an_invalid_record_is_left_out_and_an_address_becomes_canonical(world: &World) {
    let other = World::embedded().await;
    let records = [plain(&other, "ada.x@x.test"), plain(&other, "bob@x.test")];
    other.archive.put_customers(&records).await.unwrap();
    for record in &records {
        other.archive.put_belongings(&belongings(&other, record)).await.unwrap();
    }
    let archive = export(&other).await;
    for (there, invalid) in [
        (r#""email":"bob@x.test""#.to_owned(), r#""email":"bob@x.test\r\nBcc: eve@x.test""#.to_owned()),
        (r#""email":"bob@x.test","#.to_owned(), r#""email":"","#.to_owned()),
        (r#""role":"customer""#.to_owned(), r#""role":"root""#.to_owned()),
    ] {
        let fresh = World::embedded().await;
        for target in [&fresh, world] {
            let line = archive.lines().find(|line| line.contains(r#""email":"bob@x.test""#)).unwrap();
            assert!(line.contains(&there), "{line}");
            let changed = archive.replace(line, &line.replace(&there, &invalid));
            let imported = target.archivist().import(&mut changed.as_bytes()).await.unwrap();
            assert_eq!(Vec::from_iter(imported.invalid), [records[1].customer.id], "{invalid}");
            assert_eq!(imported.customers, 1);
            assert_eq!(target.customers.find(records[1].customer.id).await.unwrap(), None);
            assert!(target.archive.belongings(&[records[1].customer.id]).await.unwrap().is_empty());
        }
    }
    let name = format!(r#""name":"{}""#, records[0].customer.name);
    for (stored, cleaned) in [
        (r"Bob \u202emoc.live", "Bob moc.live"),
        (r"Bob\nYour account is closed", "Bob Your account is closed"),
        (r"\u200b", "bob"),
    ] {
        let line = archive.lines().find(|line| line.contains(r#""email":"bob@x.test""#)).unwrap();
        let changed = archive.replace(line, &line.replace(&name, &format!(r#""name":"{stored}""#)));
        let fresh = World::embedded().await;
        assert_eq!(fresh.archivist().import(&mut changed.as_bytes()).await.unwrap().customers, 2);
        let bob = fresh.customers.find(records[1].customer.id).await.unwrap().unwrap();
        assert_eq!(bob.name.as_str(), cleaned);
    }
    let changed = archive.replace(r#""email":"ada.x@x.test""#, r#""email":" Ada.x@X.TEST""#).replacen(
        r#""to":"bob@x.test""#,
        r#""to":"bob@x.test\r\n""#,
        1,
    );
    let changed = changed.replacen(r#""to":"ada.x@x.test""#, r#""to":"ada""#, 1);
    let fresh = World::embedded().await;
    let imported = fresh.archivist().import(&mut changed.as_bytes()).await.unwrap();
    assert_eq!((imported.customers, imported.invalid.len(), imported.invalid_mails), (2, 0, 1));
    let email = EmailAddress::parse("ada.x@x.test").unwrap();
    assert_eq!(fresh.customers.find_by_email(&email).await.unwrap().unwrap().id, records[0].customer.id);
}

async fn n30_a_damaged_archive_is_refused_with_the_fault_and_the_number_of_imported_customers(world: &World) {
    let other = World::embedded().await;
    let records = [plain(&other, "ada@x.test"), plain(&other, "bob@x.test")];
    other.archive.put_customers(&records).await.unwrap();
    let archive = export(&other).await;
    let lines: Vec<&str> = archive.lines().collect();
    let stays = "customers of the lines before were imported: 2";
    for (damaged, said) in [
        (archive.replace('\n', "\n\n"), "line 2: the line is blank, and an archive has blank lines only after its end"),
        (format!("\n{archive}"), "line 1: the line is blank, and an archive has blank lines only after its end"),
        (format!("{}\n", lines[..3].join("\n")), "line 4: the archive was cut off before its end"),
        (format!("{}\n{{\"kind", lines[..3].join("\n")), "line 4: it is cut off"),
        (format!("{archive}{archive}"), "something follows the end"),
    ] {
        let error = world.archivist().import(&mut damaged.as_bytes()).await.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
        assert_eq!(error.contains(stays), !said.contains("blank"), "{error}");
    }
    import(world, &archive).await;
}

async fn an_imported_customer_with_a_taken_address_is_left_out_with_all_their_records(world: &World) {
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

async fn an_invalid_archive_is_refused_with_its_line_number(world: &World) {
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
async fn the_shops_own_fields_in_mongodb_stay_and_unreadable_customers_are_counted() {
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
    users.update_one(by_id, doc! { "$set": { "doorstep.reset": { "hash": 7 } } }).await.unwrap();
    let exported = archivist.export(&mut Vec::new()).await.unwrap();
    assert_eq!((exported.customers, exported.unreadable), (2, 1));
    drop_database(&servers).await;
}

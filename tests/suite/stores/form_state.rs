//! The contract of stores of form state, as the library that uses it requires.

use std::collections::HashMap;

use serde_json::json;
use time::Duration;
use tower_sessions::session::{Id, Record};

use super::harness::World;

store_contract![
    a_created_form_state_is_loaded,
    a_form_state_that_was_never_created_is_not_loaded,
    a_saved_form_state_replaces_the_earlier_one,
    saving_a_missing_form_state_creates_nothing,
    a_deleted_form_state_is_not_loaded_and_deleting_it_again_is_no_error,
    an_expired_form_state_is_not_loaded_and_does_not_come_back,
    an_id_that_is_taken_is_not_taken_over,
];

async fn a_created_form_state_is_loaded(world: &World) {
    let mut record = new(world);
    let id = record.id;
    world.form_state.create(&mut record).await.unwrap();
    assert_eq!(record.id, id);
    assert_eq!(load(world, id).await, Some(record));
}

async fn a_form_state_that_was_never_created_is_not_loaded(world: &World) {
    assert_eq!(load(world, Id::default()).await, None);
}

async fn a_saved_form_state_replaces_the_earlier_one(world: &World) {
    let mut record = new(world);
    world.form_state.create(&mut record).await.unwrap();
    record.data = HashMap::from([("other".to_owned(), json!(null))]);
    record.expiry_date += Duration::MINUTE;
    world.form_state.save(&record).await.unwrap();
    assert_eq!(load(world, record.id).await, Some(record.clone()));
    world.clock.advance(10 * Duration::MINUTE);
    assert_eq!(load(world, record.id).await, Some(record));
}

async fn saving_a_missing_form_state_creates_nothing(world: &World) {
    let record = new(world);
    world.form_state.save(&record).await.unwrap();
    assert_eq!(load(world, record.id).await, None);
}

async fn a_deleted_form_state_is_not_loaded_and_deleting_it_again_is_no_error(world: &World) {
    let mut record = new(world);
    world.form_state.create(&mut record).await.unwrap();
    world.form_state.delete(&record.id).await.unwrap();
    assert_eq!(load(world, record.id).await, None);
    world.form_state.delete(&record.id).await.unwrap();
}

async fn an_expired_form_state_is_not_loaded_and_does_not_come_back(world: &World) {
    let mut record = new(world);
    world.form_state.create(&mut record).await.unwrap();
    world.clock.advance(10 * Duration::MINUTE - Duration::MILLISECOND);
    assert!(load(world, record.id).await.is_some());
    world.clock.advance(Duration::MILLISECOND);
    assert_eq!(load(world, record.id).await, None);
    world.form_state.save(&record).await.unwrap();
    assert_eq!(load(world, record.id).await, None);
}

async fn an_id_that_is_taken_is_not_taken_over(world: &World) {
    let mut first = new(world);
    world.form_state.create(&mut first).await.unwrap();
    let mut second = Record { id: first.id, data: HashMap::new(), ..new(world) };
    world.form_state.create(&mut second).await.unwrap();
    assert_ne!(second.id, first.id);
    assert_eq!(load(world, first.id).await, Some(first));
    assert_eq!(load(world, second.id).await, Some(second));
}

/// Returns a record that is not stored yet and expires in ten minutes.
fn new(world: &World) -> Record {
    let data = HashMap::from([("form".to_owned(), json!({ "name": "Zoë", "errors": ["email", 1, true] }))]);
    Record { id: Id::default(), data, expiry_date: world.now() + 10 * Duration::MINUTE }
}

async fn load(world: &World, id: Id) -> Option<Record> {
    world.form_state.load(&id).await.unwrap()
}

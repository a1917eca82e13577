//! The contract of stores of signing keys, and key rotation.

use std::{sync::Arc, time::Duration as StdDuration};

use doorstep::{
    accounts::{
        AccessClaims, Handover, Identity, KeySeal, KeyState, Keys, SealedKey, SessionId, SessionKey,
        ports::AccessTokens,
    },
    adapters::{access_tokens::JwtAccessTokens, randomness::SystemRandomness},
    domain::{CustomerId, Role},
};
use time::Duration;
use tokio::task::JoinSet;
use zeroize::Zeroizing;

use super::harness::World;

const LIFETIME: StdDuration = StdDuration::from_mins(15);
const SESSION_LIFETIME: StdDuration = StdDuration::from_hours(30 * 24);
const SECRET: u8 = 1;

store_contract![
    a_key_is_found_as_it_was_added_and_its_number_is_taken,
    keys_are_listed_by_number_and_only_the_given_ones_are_removed,
    of_many_instances_that_start_at_once_one_makes_the_first_key,
    t4_a_token_outlives_the_rotation_that_retires_its_key,
    t4_an_immediate_rotation_revokes_every_token_of_an_older_key,
    t12_a_dump_of_the_store_signs_nothing,
    a_key_under_another_secret_is_kept_and_not_used,
    a_key_under_another_secret_is_removed_once_no_session_of_it_can_exist,
];

fn keys(world: &World, secret: u8) -> Keys {
    Keys {
        store: world.signing_keys.clone(),
        seal: KeySeal::new(Zeroizing::new([secret; 32])),
        clock: world.clock.clone(),
        randomness: Arc::new(SystemRandomness),
        lifetime: LIFETIME,
        session_lifetime: SESSION_LIFETIME,
    }
}

/// Returns the tokens of an instance that has just loaded the keys.
async fn tokens(world: &World, secret: u8) -> JwtAccessTokens {
    let tokens = JwtAccessTokens::new("https://shop.test", LIFETIME);
    tokens.use_keys(&keys(world, secret).ring().await.unwrap());
    tokens
}

async fn look(world: &World, tokens: &JwtAccessTokens) {
    tokens.use_keys(&keys(world, SECRET).ring().await.unwrap());
}

fn mint(world: &World, tokens: &JwtAccessTokens) -> Zeroizing<String> {
    let session = SessionKey { customer: CustomerId::from_bytes([1; 12]), id: SessionId::from_bytes([2; 16]) };
    let now = world.now();
    let identity = Identity { session, role: Role::Customer };
    tokens.mint(&AccessClaims { identity, issued_at: now, expires_at: now + LIFETIME }).unwrap()
}

async fn states(world: &World) -> Vec<(u32, Option<KeyState>)> {
    let listed = keys(world, SECRET).list().await.unwrap();
    listed.into_iter().map(|(key, opened)| (key.number, opened.map(|(_, state)| state))).collect()
}

fn sealed(world: &World, number: u32) -> SealedKey {
    SealedKey { number, created_at: world.now(), signs_from: world.now() + Duration::HOUR, sealed: vec![7; 72] }
}

async fn a_key_is_found_as_it_was_added_and_its_number_is_taken(world: &World) {
    let key = sealed(world, 1);
    assert!(world.signing_keys.add(&key).await.unwrap());
    assert!(!world.signing_keys.add(&SealedKey { sealed: vec![8; 72], ..key.clone() }).await.unwrap());
    assert_eq!(world.signing_keys.list().await.unwrap(), [key]);
}

async fn keys_are_listed_by_number_and_only_the_given_ones_are_removed(world: &World) {
    for number in [10, 2, 1] {
        assert!(world.signing_keys.add(&sealed(world, number)).await.unwrap());
    }
    world.signing_keys.remove(&[1, 10, 11]).await.unwrap();
    world.signing_keys.remove(&[]).await.unwrap();
    assert_eq!(world.signing_keys.list().await.unwrap(), [sealed(world, 2)]);
}

async fn of_many_instances_that_start_at_once_one_makes_the_first_key(world: &World) {
    let mut instances = JoinSet::new();
    for _ in 0..20 {
        let keys = keys(world, SECRET);
        instances.spawn(async move { keys.ring().await.unwrap() });
    }
    let mut rings = instances.join_all().await;
    rings.dedup();
    assert_eq!(rings.len(), 1);
    assert_eq!(states(world).await, [(1, Some(KeyState::Signing))]);
}

async fn t4_a_token_outlives_the_rotation_that_retires_its_key(world: &World) {
    let instance = tokens(world, SECRET).await;
    keys(world, SECRET).rotate(Handover::Graceful).await.unwrap();
    assert_eq!(states(world).await, [(1, Some(KeyState::Signing)), (2, Some(KeyState::Next))]);
    look(world, &instance).await;
    world.clock.advance(Duration::minutes(10) - Duration::MILLISECOND);
    let last = mint(world, &instance);
    world.clock.advance(Duration::MILLISECOND);
    let new = mint(world, &instance);
    let kid = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_ne!(kid(&last), kid(&new), "the new key has taken over");
    world.clock.advance(Duration::minutes(15) - Duration::SECOND);
    for token in [&last, &new] {
        assert!(instance.verify(token, world.now()).is_some());
        assert!(tokens(world, SECRET).await.verify(token, world.now()).is_some(), "on an instance started since");
    }
    world.clock.advance(Duration::minutes(2));
    assert_eq!(instance.published(world.now()).len(), 1);
    assert_eq!(states(world).await, [(1, Some(KeyState::Over)), (2, Some(KeyState::Signing))]);
    keys(world, SECRET).rotate(Handover::Graceful).await.unwrap();
    assert_eq!(states(world).await, [(2, Some(KeyState::Signing)), (3, Some(KeyState::Next))], "what is over is gone");
}

async fn t4_an_immediate_rotation_revokes_every_token_of_an_older_key(world: &World) {
    let instance = tokens(world, SECRET).await;
    let token = mint(world, &instance);
    assert!(instance.verify(&token, world.now()).is_some());
    keys(world, SECRET).rotate(Handover::Graceful).await.unwrap();
    keys(world, SECRET).rotate(Handover::Immediate).await.unwrap();
    look(world, &instance).await;
    assert!(instance.verify(&token, world.now()).is_none());
    assert!(instance.verify(&mint(world, &instance), world.now()).is_some());
    assert_eq!(states(world).await, [(3, Some(KeyState::Signing))]);
}

async fn t12_a_dump_of_the_store_signs_nothing(world: &World) {
    let ring = keys(world, SECRET).ring().await.unwrap();
    let stored = world.signing_keys.list().await.unwrap();
    let seed = ring.keys()[0].seed.as_slice();
    assert!(!stored[0].sealed.windows(seed.len()).any(|window| window == seed));
    assert!(!world.dump().await.windows(seed.len()).any(|window| window == seed));
}

async fn a_key_under_another_secret_is_kept_and_not_used(world: &World) {
    let instance = tokens(world, SECRET).await;
    let token = mint(world, &instance);
    // An instance with another secret, for example by mistake.
    let stranger = tokens(world, 9).await;
    assert!(stranger.verify(&token, world.now()).is_none());
    look(world, &instance).await;
    assert!(instance.verify(&mint(world, &stranger), world.now()).is_none());
    assert!(instance.verify(&token, world.now()).is_some());
    keys(world, 9).rotate(Handover::Graceful).await.unwrap();
    assert_eq!(states(world).await, [(1, Some(KeyState::Signing)), (2, None), (3, None)]);
    assert_eq!(instance.published(world.now()).len(), 1);
}

async fn a_key_under_another_secret_is_removed_once_no_session_of_it_can_exist(world: &World) {
    tokens(world, 9).await;
    // The secret was changed. As long as sessions of the old one may exist, it may come back.
    world.clock.advance(Duration::days(365));
    tokens(world, SECRET).await;
    keys(world, SECRET).rotate(Handover::Graceful).await.unwrap();
    assert_eq!(states(world).await, [(1, None), (2, Some(KeyState::Signing)), (3, Some(KeyState::Next))]);
    world.clock.advance(Duration::days(30) + Duration::SECOND);
    // An instance with a wrong secret removes nothing.
    keys(world, 7).rotate(Handover::Graceful).await.unwrap();
    assert_eq!(states(world).await[0], (1, None));
    keys(world, SECRET).rotate(Handover::Graceful).await.unwrap();
    assert_eq!(states(world).await, [(3, Some(KeyState::Signing)), (4, None), (5, Some(KeyState::Next))]);
}

//! Tests of the password hasher.

use super::*;
use crate::adapters::randomness::SystemRandomness;

const COST: u32 = 4;

fn hasher() -> BcryptHasher {
    BcryptHasher::new(COST, Arc::new(SystemRandomness))
}

fn attempt(typed: &str) -> PasswordAttempt {
    PasswordAttempt::parse(typed).unwrap()
}

async fn hash(typed: &str) -> PasswordHash {
    hasher().hash(Password::parse(typed).unwrap()).await.unwrap()
}

async fn verdict(typed: &str, hash: &PasswordHash) -> Verdict {
    hasher().verify(attempt(typed), Some(hash.clone())).await.unwrap()
}

#[tokio::test]
async fn s1_hashes_describe_themselves_and_differ_for_one_password() {
    let (one, other) = (hash("seven tall herons").await, hash("seven tall herons").await);
    assert!(one.expose().starts_with("$2b$04$") && one.expose().ends_with(SCHEME));
    assert_ne!(one, other);
    assert_eq!(verdict("seven tall herons", &one).await, Verdict::Right);
    assert_eq!(verdict("seven tall heron", &one).await, Verdict::Wrong);
}

#[tokio::test]
async fn s2_a_long_password_is_not_truncated() {
    let start = "x".repeat(72);
    let long = hash(&format!("{start}a")).await;
    assert_eq!(verdict(&format!("{start}a"), &long).await, Verdict::Right);
    assert_eq!(verdict(&format!("{start}b"), &long).await, Verdict::Wrong);
    let emoji = hash(&"😀".repeat(64)).await;
    assert_eq!(verdict(&"😀".repeat(64), &emoji).await, Verdict::Right);
    assert_eq!(verdict(&"😀".repeat(63), &emoji).await, Verdict::Wrong);
    assert_eq!(verdict("seven\0tall", &hash("seven-tall").await).await, Verdict::Wrong);
}

#[tokio::test]
async fn s2_two_spellings_of_one_text_are_one_password() {
    assert_eq!(verdict("cafe\u{301} noir", &hash("café noir").await).await, Verdict::Right);
}

#[tokio::test]
async fn s3_plain_bcrypt_of_another_system_is_right_but_outdated() {
    let plain = bcrypt::hash_with_salt("tutorial", 5, [1; 16]).unwrap();
    for version in [Version::TwoA, Version::TwoB, Version::TwoY] {
        let stored = PasswordHash::new(plain.format_for_version(version));
        assert_eq!(verdict("tutorial", &stored).await, Verdict::RightButOutdated);
        assert_eq!(verdict("tutoriaL", &stored).await, Verdict::Wrong);
    }
}

#[tokio::test]
async fn s3_a_lower_cost_is_outdated_and_a_higher_one_is_not() {
    let strong = BcryptHasher::new(COST + 1, Arc::new(SystemRandomness));
    let weak_hash = hash("seven tall herons").await;
    let verdict_of_strong = strong.verify(attempt("seven tall herons"), Some(weak_hash)).await.unwrap();
    assert_eq!(verdict_of_strong, Verdict::RightButOutdated);
    let strong_hash = strong.rehash(attempt("seven tall herons")).await.unwrap();
    assert_eq!(verdict("seven tall herons", &strong_hash).await, Verdict::Right);
}

#[tokio::test]
async fn the_stored_hash_is_not_accepted_as_a_password() {
    let stored = hash("seven tall herons").await;
    assert_eq!(verdict(stored.expose(), &stored).await, Verdict::Wrong);
    let digest = digest("seven tall herons");
    assert_eq!(verdict(&digest, &stored).await, Verdict::Wrong);
}

#[tokio::test]
async fn l1_a_missing_account_and_an_unreadable_hash_count_as_a_wrong_password() {
    assert_eq!(hasher().verify(attempt("anything"), None).await.unwrap(), Verdict::Wrong);
    for stored in ["", "plaintext", "$2b$04$short", "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA"] {
        assert_eq!(verdict("anything", &PasswordHash::new(stored.to_owned())).await, Verdict::Wrong);
    }
}

#[tokio::test]
async fn n4_a6_a_verification_costs_the_same_rounds_whatever_hash_is_stored() {
    let today = BcryptHasher::new(8, Arc::new(SystemRandomness));
    let digest = BcryptHasher::new(5, Arc::new(SystemRandomness));
    let cheaper = digest.hash(Password::parse("seven tall herons").unwrap()).await.unwrap();
    let plain = PasswordHash::new(bcrypt::hash_with_salt("tutorial", 6, [1; 16]).unwrap().to_string());
    let equal = today.hash(Password::parse("seven tall herons").unwrap()).await.unwrap();
    let unreadable = PasswordHash::new("$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA".to_owned());
    let endless = PasswordHash::new(plain.expose().replacen("$06$", "$31$", 1));
    for stored in [None, Some(equal), Some(cheaper), Some(plain), Some(unreadable), Some(endless)] {
        for typed in ["wrong password", "seven tall herons", "tutorial", "with\0a NUL", &"x".repeat(100)] {
            let before = today.rounds();
            today.verify(attempt(typed), stored.clone()).await.unwrap();
            assert_eq!(
                today.rounds() - before,
                1 << 8,
                "{typed:?} for {:?}",
                stored.as_ref().map(PasswordHash::expose)
            );
        }
    }
}

#[tokio::test]
async fn s4_the_hasher_is_busy_at_once_when_its_queue_is_full() {
    let hasher = Arc::new(BcryptHasher::with_queue(10, Arc::new(SystemRandomness), 1, 2));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let hasher = hasher.clone();
        tasks.spawn(async move { hasher.verify(attempt("anything"), None).await });
    }
    let results = tasks.join_all().await;
    let busy = results.iter().filter(|result| matches!(result, Err(HasherError::Busy))).count();
    assert_eq!(results.len() - busy, 3, "one runs, two wait");
    assert!(hasher.verify(attempt("anything"), None).await.is_ok(), "and it recovers");
}

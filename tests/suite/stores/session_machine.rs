//! A session as a state machine: after any sequence of actions, every store is in the same state as this model. So a
//! session never has two valid tokens, and an ended session never becomes valid again.

use std::time::Duration as StdDuration;

use doorstep::accounts::{
    Session, TokenHash,
    ports::{CLOCK_SKEW, Rotation, RotationOutcome},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use time::{Duration, OffsetDateTime};
use tokio::runtime::Handle;

use super::harness::{IDLE, World, rotation, token};

store_contract![t5_t6_t7_t8_any_order_of_steps_leads_where_the_model_leads];

const GRACE: StdDuration = StdDuration::from_secs(10);
/// A token that was never issued for this session.
const STRANGER: u8 = 250;

/// Something that happens to a session.
#[derive(Clone, Debug)]
enum Step {
    /// A client uses the token that is this many generations old. If its response is lost, because anything between the
    /// step in the store and the client crashes, it uses that token again.
    Use {
        age: u8,
        /// True if the session's own browser sends it, from the network of its last use.
        own: bool,
    },
    UseStrangers,
    Pass {
        seconds: i64,
    },
    See,
    End,
    EndOthers {
        keep: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => any::<bool>().prop_map(|own| Step::Use { age: 0, own }),
        3 => any::<bool>().prop_map(|own| Step::Use { age: 1, own }),
        1 => (2..5u8).prop_map(|age| Step::Use { age, own: true }),
        1 => Just(Step::UseStrangers),
        5 => prop::sample::select(vec![1, 9, 10, 80, 1200, 3000, 3700, -1, -11, -30, -31, -3600]).prop_map(|seconds| Step::Pass { seconds }),
        2 => Just(Step::See),
        1 => Just(Step::End),
        1 => any::<bool>().prop_map(|keep| Step::EndOthers { keep }),
    ]
}

/// The expected state of the session.
struct Model {
    grace: StdDuration,
    generation: u8,
    last_used_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    ends_at: OffsetDateTime,
    ended: bool,
}

impl Model {
    fn is_live(&self, now: OffsetDateTime) -> bool {
        !self.ended && now < self.expires_at
    }

    /// Returns the outcome of using a token, by the rules of RFC 9700 and the grace period.
    fn use_token(&mut self, generation: u8, own: bool, now: OffsetDateTime) -> RotationOutcome {
        let unused_for = now - self.last_used_at;
        if !self.is_live(now) {
            // It stays expired if the clock goes back.
            self.ended = true;
            RotationOutcome::Gone
        } else if generation == self.generation {
            self.generation += 1;
            self.last_used_at = now;
            self.expires_at = self.ends_at.min(now + IDLE);
            RotationOutcome::Rotated { expires_at: self.expires_at }
        } else if generation + 1 == self.generation && (own || -unused_for <= CLOCK_SKEW && unused_for <= self.grace) {
            RotationOutcome::Repeated { expires_at: self.expires_at }
        } else {
            self.ended = true;
            RotationOutcome::Reused
        }
    }
}

async fn t5_t6_t7_t8_any_order_of_steps_leads_where_the_model_leads(world: &World) {
    let config = Config { cases: 96, failure_persistence: None, ..Config::default() };
    let handle = Handle::current();
    let run = |steps: Vec<Step>| tokio::task::block_in_place(|| handle.block_on(follow(world, steps)));
    TestRunner::new(config).run(&prop::collection::vec(step(), 1..25), run).unwrap();
}

/// Applies the steps to a new session, and compares after each.
async fn follow(world: &World, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let session = world.new_session();
    world.sessions.create(&session).await.unwrap();
    let Session { last_used_at, expires_at, ends_at, .. } = session;
    let grace = world.grace(GRACE);
    let mut model = Model { grace, generation: 0, last_used_at, expires_at, ends_at, ended: false };
    for step in steps {
        match step {
            Step::Use { age, own } => {
                let generation = model.generation.saturating_sub(age);
                let outcome = use_token(world, &session, token(generation), token(generation + 1), own).await;
                prop_assert_eq!(outcome, model.use_token(generation, own, world.now()));
            }
            Step::UseStrangers => {
                let outcome = use_token(world, &session, token(STRANGER), token(STRANGER + 1), true).await;
                prop_assert_eq!(outcome, model.use_token(STRANGER, true, world.now()));
            }
            Step::Pass { seconds } => world.clock.advance(Duration::seconds(seconds)),
            Step::See => world.sessions.touch(session.key, world.now()).await.unwrap(),
            Step::End => {
                world.sessions.end(session.key).await.unwrap();
                model.ended = true;
            }
            Step::EndOthers { keep } => {
                let kept = if keep { session.key.id } else { world.new_session().key.id };
                world.sessions.end_others(session.key.customer, kept, session.epoch.next()).await.unwrap();
                model.ended |= !keep;
            }
        }
        let now = world.now();
        let live = model.is_live(now);
        prop_assert_eq!(world.sessions.is_live(session.key, now).await.unwrap(), live);
        let found = world.sessions.find(session.key, now).await.unwrap();
        prop_assert_eq!(found.as_ref().map(|found| found.token), live.then(|| token(model.generation)));
        let listed = world.sessions.list(session.key.customer, now).await.unwrap();
        prop_assert_eq!(listed, Vec::from_iter(found));
    }
    Ok(())
}

async fn use_token(
    world: &World,
    session: &Session,
    presented: TokenHash,
    successor: TokenHash,
    own: bool,
) -> RotationOutcome {
    let rotation = Rotation {
        browser: session.browser.filter(|_| own),
        ..rotation(session.key, presented, successor, world.now())
    };
    world.sessions.rotate(&rotation).await.unwrap()
}

//! The system's random generator. No other module reads it.

use crate::accounts::ports::Randomness;

/// Random bytes of the system.
#[derive(Clone, Copy, Debug)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "this is the port's implementation")]
        let filled = getrandom::fill(bytes);
        // Without random bytes, no token can be issued safely.
        filled.unwrap_or_else(|error| panic!("no random bytes from the system: {error}"));
    }
}

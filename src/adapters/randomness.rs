//! The system's random generator. No other module reads it.

use crate::accounts::ports::Randomness;

/// Random bytes of the system.
#[derive(Clone, Copy, Debug)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "this is the port's implementation")]
        let filled = getrandom::fill(bytes);
        // A system that cannot give random bytes must not hand out tokens; there is nothing to go on with.
        filled.unwrap_or_else(|error| panic!("no random bytes from the system: {error}"));
    }
}

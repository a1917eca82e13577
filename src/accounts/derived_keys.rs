//! Keys that derive from the shop's secret, one set for each purpose.
//!
//! While an operator changes the secret there are two of each: all that is new is written with the current one, and what
//! was written with the other is still accepted. Which one is current may differ between instances until all of them have
//! been restarted, so that nothing may depend on it but what is written anew.

use std::fmt;

use zeroize::Zeroizing;

type Key = Zeroizing<[u8; 32]>;

/// The key for one purpose, and the one before it. It never prints itself.
#[derive(Clone)]
pub struct DerivedKeys {
    current: Key,
    previous: Option<Key>,
}

/// Which of the keys something was written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WrittenWith {
    Current,
    Previous,
}

impl DerivedKeys {
    #[must_use]
    pub fn new(current: Key, previous: Option<Key>) -> Self {
        Self { current, previous }
    }

    /// The one to write with.
    pub(super) fn current(&self) -> &[u8; 32] {
        &self.current
    }

    /// The one that something was written with. Where there is no previous one, nothing was written with it.
    pub(super) fn get(&self, written_with: WrittenWith) -> Option<&[u8; 32]> {
        match written_with {
            WrittenWith::Current => Some(&self.current),
            WrittenWith::Previous => self.previous.as_deref(),
        }
    }

    /// Each of them, the current one first.
    pub(super) fn all(&self) -> impl Iterator<Item = (WrittenWith, &[u8; 32])> {
        [WrittenWith::Current, WrittenWith::Previous].into_iter().filter_map(|which| Some((which, self.get(which)?)))
    }
}

/// A key without another before it.
impl From<Key> for DerivedKeys {
    fn from(current: Key) -> Self {
        Self::new(current, None)
    }
}

impl fmt::Debug for DerivedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DerivedKeys(***)")
    }
}

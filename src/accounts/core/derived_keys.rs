//! Keys that are derived from the shop's secret, one set per purpose.
//!
//! While an operator changes the secret, there are two keys per purpose: everything new is written with the current
//! one, and what was written with the other is still accepted. Instances can disagree on which one is current until all
//! of them have been restarted, so nothing but new values may depend on it.

use std::fmt;

use zeroize::Zeroizing;

type Key = Zeroizing<[u8; 32]>;

/// The current key for one purpose, and the previous one. `Debug` hides them.
#[derive(Clone)]
pub struct DerivedKeys {
    current: Key,
    previous: Option<Key>,
}

/// The key that something was written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::accounts) enum WrittenWith {
    Current,
    Previous,
}

impl DerivedKeys {
    #[must_use]
    pub fn new(current: Key, previous: Option<Key>) -> Self {
        Self { current, previous }
    }

    /// Returns the key to write with.
    pub(in crate::accounts) fn current(&self) -> &[u8; 32] {
        &self.current
    }

    /// Returns the key that something was written with, or `None` if there is no such key.
    pub(in crate::accounts) fn get(&self, written_with: WrittenWith) -> Option<&[u8; 32]> {
        match written_with {
            WrittenWith::Current => Some(&self.current),
            WrittenWith::Previous => self.previous.as_deref(),
        }
    }

    /// Returns all keys, the current one first.
    pub(in crate::accounts) fn all(&self) -> impl Iterator<Item = (WrittenWith, &[u8; 32])> {
        [WrittenWith::Current, WrittenWith::Previous].into_iter().filter_map(|which| Some((which, self.get(which)?)))
    }
}

/// Keys without a previous one.
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

//! Answers that the browser's forms do not read.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::IgnoredAny};

/// An answer that API clients read, and a form in the browser does not, since all it does is to go on. It is written whole and
/// read as nothing: what reads it would be a part of what every browser loads.
#[derive(Clone, Debug)]
pub struct Unread<T>(Option<T>);

impl<T> From<T> for Unread<T> {
    fn from(answer: T) -> Self {
        Self(Some(answer))
    }
}

impl<T: Serialize> Serialize for Unread<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Unread<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(None))
    }
}

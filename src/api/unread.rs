//! Responses that the browser's forms ignore.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::IgnoredAny};

/// A response that API clients read and the browser's forms ignore, as they only continue to the next page. It is
/// serialized completely and deserialized as nothing, because a deserializer would increase the size of the browser's
/// code.
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

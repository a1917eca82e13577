//! The text form of ids, hashes and times in an archive, readable for people and other programs.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Unexpected},
    ser,
};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::{accounts::core::timestamp::try_timestamp, domain::CustomerId};

/// A customer's id, as 24 hex digits.
#[derive(Clone, Copy)]
pub(super) struct Id(pub CustomerId);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        CustomerId::parse(&String::deserialize(deserializer)?).map(Self).map_err(de::Error::custom)
    }
}

/// A time in RFC 3339.
#[derive(Clone, Copy)]
pub(super) struct Time(pub OffsetDateTime);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&try_timestamp(self.0).map_err(ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let time = OffsetDateTime::parse(&String::deserialize(deserializer)?, &Rfc3339).map_err(de::Error::custom)?;
        // The last hours of 9999 in a time zone west of UTC are in the year 10000 in UTC.
        let utc = time.checked_to_offset(UtcOffset::UTC).filter(|utc| utc.year() <= 9999);
        // Stores keep milliseconds, and imported records are compared with stored ones.
        let utc = utc.and_then(|utc| utc.replace_nanosecond(u32::from(utc.millisecond()) * 1_000_000).ok());
        utc.map(Self).ok_or_else(|| de::Error::custom("a time that is too far away"))
    }
}

/// Exactly `N` bytes, in base64url without padding.
#[derive(Clone, Copy)]
pub(super) struct Bytes<const N: usize>(pub [u8; N]);

impl<const N: usize> Serialize for Bytes<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let SomeBytes(bytes) = SomeBytes::deserialize(deserializer)?;
        let expected = format!("{N} bytes");
        bytes.as_slice().try_into().map(Self).map_err(|_| de::Error::invalid_length(bytes.len(), &expected.as_str()))
    }
}

/// Any number of bytes, in base64url without padding.
#[derive(Clone)]
pub(super) struct SomeBytes(pub Vec<u8>);

impl Serialize for SomeBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for SomeBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = URL_SAFE_NO_PAD.decode(String::deserialize(deserializer)?);
        bytes.map(Self).map_err(|_| de::Error::invalid_value(Unexpected::Other("another text"), &"base64"))
    }
}

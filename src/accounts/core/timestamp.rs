//! Timestamps in texts that programs read.

use std::num::NonZeroU8;

use time::{
    OffsetDateTime, UtcOffset,
    error::Format,
    format_description::well_known::{
        Iso8601,
        iso8601::{Config, EncodedConfig, TimePrecision},
    },
};

/// RFC 3339 with exactly three digits of a second, like JavaScript's `toISOString`.
const MILLISECONDS: EncodedConfig =
    Config::DEFAULT.set_time_precision(TimePrecision::Second { decimal_digits: NonZeroU8::new(3) }).encode();

/// Returns a time as `2024-03-01T10:20:30.000Z`: in UTC and always of the same length, so that texts sort like times.
/// Returns an empty text for a year above 9999, which no store contains.
#[must_use]
pub fn timestamp(time: OffsetDateTime) -> String {
    try_timestamp(time).unwrap_or_default()
}

/// Returns the same as [`timestamp`], but an error instead of an empty text.
///
/// # Errors
/// For a year above 9999.
pub(in crate::accounts) fn try_timestamp(time: OffsetDateTime) -> Result<String, Format> {
    time.to_offset(UtcOffset::UTC).format(&Iso8601::<MILLISECONDS>)
}

#[cfg(test)]
mod tests {
    use time::{Duration, format_description::well_known::Rfc3339};

    use super::*;

    #[test]
    fn n26_a_time_always_has_three_digits_of_milliseconds() {
        let second = OffsetDateTime::from_unix_timestamp(1_709_288_430).unwrap();
        for (milliseconds, written) in [(0, "000"), (7, "007"), (50, "050"), (120, "120"), (999, "999")] {
            let time = second + Duration::milliseconds(milliseconds);
            let text = timestamp(time);
            assert_eq!(text, format!("2024-03-01T10:20:30.{written}Z"));
            assert_eq!(OffsetDateTime::parse(&text, &Rfc3339).unwrap(), time);
        }
        let elsewhere = second.to_offset(UtcOffset::from_hms(7, 0, 0).unwrap()) + Duration::nanoseconds(999_999);
        assert_eq!(timestamp(elsewhere), "2024-03-01T10:20:30.000Z", "what is smaller is cut off");
        assert_eq!(timestamp(OffsetDateTime::UNIX_EPOCH), "1970-01-01T00:00:00.000Z");
    }
}

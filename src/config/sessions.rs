//! The lifetimes of sessions and tokens, and the retention of account events.

use std::time::Duration;

use super::reader::Reader;
use crate::accounts::Lifetimes;

const DAY: Duration = Duration::from_hours(24);
/// The longest session. Chromium limits the lifetime of a cookie to this.
const LONGEST: Duration = Duration::from_hours(400 * 24);

/// The longest time for which a used refresh token returns its successor to anyone who has it: longer than concurrent
/// requests take, and too short to use a token that is stolen later.
const LONGEST_GRACE: Duration = Duration::from_mins(1);
/// The longest access token without a warning.
const LONG_ACCESS: Duration = Duration::from_hours(24);

/// `ACCESS_TOKEN_TTL`, `SESSION_IDLE_TTL`, `SESSION_ABSOLUTE_TTL`, `REFRESH_GRACE`, `ACTIVITY_RETENTION`.
pub(super) fn read(reader: &mut Reader) -> Lifetimes {
    let lifetimes = Lifetimes {
        access_token: duration(reader, "ACCESS_TOKEN_TTL", Duration::from_mins(15)),
        session_idle: duration(reader, "SESSION_IDLE_TTL", 7 * DAY),
        session_absolute: duration(reader, "SESSION_ABSOLUTE_TTL", 30 * DAY),
        refresh_grace: grace(reader),
        activity: duration(reader, "ACTIVITY_RETENTION", 180 * DAY),
    };
    if lifetimes.session_absolute < lifetimes.session_idle {
        reader.problem("SESSION_ABSOLUTE_TTL", "must not be shorter than SESSION_IDLE_TTL");
    }
    if lifetimes.session_idle < lifetimes.access_token {
        reader.problem("SESSION_IDLE_TTL", "must not be shorter than ACCESS_TOKEN_TTL");
    }
    if lifetimes.access_token > LONG_ACCESS {
        reader.warn(
            "ACCESS_TOKEN_TTL",
            "is longer than a day: services that verify access tokens themselves accept them after a logout, until they \
             expire",
        );
    }
    lifetimes
}

fn grace(reader: &mut Reader) -> Duration {
    let form = "a time from 1s to 1m, such as 10s: within it, a stolen token can be used again";
    reader.parse_with("REFRESH_GRACE", Duration::from_secs(10), form, |text| parse(text, LONGEST_GRACE))
}

fn duration(reader: &mut Reader, variable: &'static str, default: Duration) -> Duration {
    reader.parse_with(variable, default, "a time from 1s to 400d, such as 15m or 7d", |text| parse(text, LONGEST))
}

/// Parses a time from a second to `longest`.
fn parse(text: &str, longest: Duration) -> Option<Duration> {
    humantime::parse_duration(text).ok().filter(|time| (Duration::from_secs(1)..=longest).contains(time))
}

//! The lifetimes of sessions and tokens, and the retention of account events.

use std::time::Duration;

use super::reader::Reader;
use crate::accounts::Lifetimes;

const DAY: Duration = Duration::from_hours(24);
/// The longest session. Chromium limits the lifetime of a cookie to this.
const LONGEST: Duration = Duration::from_hours(400 * 24);

/// `ACCESS_TOKEN_TTL`, `SESSION_IDLE_TTL`, `SESSION_ABSOLUTE_TTL`, `REFRESH_GRACE`, `ACTIVITY_RETENTION`.
pub(super) fn read(reader: &mut Reader) -> Lifetimes {
    let lifetimes = Lifetimes {
        access_token: duration(reader, "ACCESS_TOKEN_TTL", Duration::from_mins(15)),
        session_idle: duration(reader, "SESSION_IDLE_TTL", 7 * DAY),
        session_absolute: duration(reader, "SESSION_ABSOLUTE_TTL", 30 * DAY),
        refresh_grace: duration(reader, "REFRESH_GRACE", Duration::from_secs(10)),
        activity: duration(reader, "ACTIVITY_RETENTION", 180 * DAY),
    };
    if lifetimes.session_absolute < lifetimes.session_idle {
        reader.problem("SESSION_ABSOLUTE_TTL", "must not be shorter than SESSION_IDLE_TTL");
    }
    if lifetimes.session_idle < lifetimes.access_token {
        reader.problem("SESSION_IDLE_TTL", "must not be shorter than ACCESS_TOKEN_TTL");
    }
    lifetimes
}

fn duration(reader: &mut Reader, variable: &'static str, default: Duration) -> Duration {
    reader.parse_with(variable, default, "a time from 1s to 400d, such as 15m or 7d", |text| {
        humantime::parse_duration(text).ok().filter(|time| (Duration::from_secs(1)..=LONGEST).contains(time))
    })
}

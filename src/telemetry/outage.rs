//! Reports when a service that is used in the background fails, and when it works again.

use std::time::{Duration, Instant};

/// The minimum time between two reported failures, so that a service that fails now and then does not fill the log.
const INTERVAL: Duration = Duration::from_mins(10);

/// What to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Failed,
    Recovered,
}

/// What was last reported of a service: a failure, or its end.
#[derive(Debug, Default)]
pub struct Outage {
    is_reported: bool,
    last_report: Option<Instant>,
}

impl Outage {
    /// Records the outcome of a use. Returns what to report, if anything: the first failure, and the first success
    /// after a reported failure.
    pub fn record(&mut self, works: bool, now: Instant) -> Option<Change> {
        if works {
            return std::mem::take(&mut self.is_reported).then_some(Change::Recovered);
        }
        let is_recent = self.last_report.is_some_and(|last| now.saturating_duration_since(last) < INTERVAL);
        if self.is_reported || is_recent {
            return None;
        }
        *self = Self { is_reported: true, last_report: Some(now) };
        Some(Change::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_and_its_end_are_reported_once_and_at_a_bounded_rate() {
        let (mut outage, start) = (Outage::default(), Instant::now());
        for (minutes, works, change) in [
            (0, true, None),
            (1, false, Some(Change::Failed)),
            (2, false, None),
            (20, false, None),
            (21, true, Some(Change::Recovered)),
            (22, true, None),
            (23, false, Some(Change::Failed)),
            (24, true, Some(Change::Recovered)),
            (25, false, None),
            (26, true, None),
            (30, false, None),
            (33, false, Some(Change::Failed)),
        ] {
            assert_eq!(outage.record(works, start + Duration::from_mins(minutes)), change, "{minutes}");
        }
    }
}

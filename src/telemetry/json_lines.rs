//! Log lines as JSON objects. An error is written with its causes, which `tracing_subscriber`'s own format leaves out.

use std::{error::Error, fmt};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::{LookupSpan, Scope, SpanRef},
};

/// Formats an event as one line: its time, level, fields and target, the span it happened in, and all spans around it.
/// Fields of spans have to be formatted by `JsonFields`.
pub struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let metadata = event.metadata();
        let mut line = Line::default();
        line.add("timestamp", time);
        line.add("level", metadata.level().as_str());
        event.record(&mut line);
        line.add("target", metadata.target());
        let spans: Vec<Value> =
            context.event_scope().into_iter().flat_map(Scope::from_root).map(|each| span::<S, N>(&each)).collect();
        if let Some(innermost) = spans.last() {
            line.add("span", innermost.clone());
            line.add("spans", spans);
        }
        writeln!(out, "{}", serde_json::to_string(&line).map_err(|_| fmt::Error)?)
    }
}

fn span<S, N>(span: &SpanRef<'_, S>) -> Value
where
    S: for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    let extensions = span.extensions();
    let fields = extensions.get::<FormattedFields<N>>().and_then(|fields| serde_json::from_str(fields).ok());
    let mut fields: serde_json::Map<String, Value> = fields.unwrap_or_default();
    fields.insert("name".to_owned(), span.name().into());
    fields.into()
}

/// The fields of a line, in order.
#[derive(Default)]
struct Line(Vec<(String, Value)>);

impl Line {
    fn add(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.push((name.into(), value.into()));
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field.name(), value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.add(field.name(), value.to_string());
        let sources = std::iter::successors(value.source(), |&error| error.source());
        let sources: Vec<String> = sources.map(ToString::to_string).collect();
        if !sources.is_empty() {
            self.add(format!("{}.sources", field.name()), sources);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field.name(), format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("a defect")]
    struct Defect(#[source] Unreadable);

    #[derive(Debug, thiserror::Error)]
    #[error("a record cannot be read: {record}")]
    struct Unreadable {
        record: &'static str,
        source: io::Error,
    }

    /// Returns the line that is logged by `log`.
    fn logged(log: impl FnOnce()) -> Value {
        #[derive(Clone, Default)]
        struct Lines(Arc<Mutex<Vec<u8>>>);

        impl Write for Lines {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        let lines = Lines::default();
        let writer = lines.clone();
        let layer = tracing_subscriber::fmt::layer().json().event_format(JsonLines).with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log);
        let lines = lines.0.lock().unwrap();
        assert!(lines.iter().position(|byte| *byte == b'\n') == Some(lines.len() - 1));
        serde_json::from_slice(&lines).unwrap()
    }

    #[test]
    fn n30_an_error_is_logged_with_its_causes_and_the_record_it_is_about() {
        let source = io::Error::other("the name is not text");
        let error = Defect(Unreadable { record: "507f1f77bcf86cd799439011", source });
        let line = logged(|| tracing::error!(error = &error as &dyn Error, "a defect"));
        assert_eq!(line["error"], "a defect");
        let sources = ["a record cannot be read: 507f1f77bcf86cd799439011", "the name is not text"];
        assert_eq!(line["error.sources"], serde_json::json!(sources));
        let line = logged(|| tracing::warn!(error = &io::Error::other("alone") as &dyn Error, "unavailable"));
        assert!(line["error"] == "alone" && line.get("error.sources").is_none(), "{line}");
    }

    #[test]
    fn a_line_says_when_what_and_within_which_spans() {
        let line = logged(|| {
            let outer = tracing::info_span!("request", id = "7", trace = tracing::field::Empty);
            let _outer = outer.enter();
            let inner = tracing::info_span!("use_case", number = 2);
            let _inner = inner.enter();
            tracing::info!(status = 200, ms = 1.5, ok = true, text = ?"a\n\"b", "answered");
        });
        assert_eq!((&line["level"], &line["message"]), (&"INFO".into(), &"answered".into()));
        assert_eq!((&line["status"], &line["ms"], &line["ok"]), (&200.into(), &1.5.into(), &true.into()));
        assert!(line["target"].as_str().unwrap().ends_with("json_lines::tests") && line["text"].is_string(), "{line}");
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
        assert_eq!((&line["span"]["name"], &line["span"]["number"]), (&"use_case".into(), &2.into()));
        assert_eq!((&line["spans"][0]["name"], &line["spans"][0]["id"]), (&"request".into(), &"7".into()));
        assert!(line["spans"][0].get("trace").is_none(), "{line}");
    }
}

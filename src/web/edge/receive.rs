//! Receives request bodies. A body is read before its request counts towards the limit of simultaneous requests
//! ([`crate::web::overload`]), so that slow senders do not block others.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};
use http_body_util::BodyExt;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

use super::{body::Kind, refuse};
use crate::{api::ErrorCode, telemetry::metrics, web::AppState};

/// The maximum size of a body, in bytes (ASVS 5.0, 15.2.2).
const MAX_BODY: usize = 64 * 1024;

/// The size up to which a body needs no [`Room`], in bytes. Every form that a person fills in is smaller. With 20,000
/// connections, this takes 80 MB.
const SMALL_BODY: usize = 4 * 1024;

/// The maximum size of all bodies together, in bytes, not counting the first [`SMALL_BODY`] of each.
const MOST_LARGE: usize = 32 * 1024 * 1024;

/// The delay that a body is allowed in addition to [`MIN_RATE`]. It is long enough to resend a lost packet.
const LATENESS: Duration = Duration::from_secs(3);

/// The minimum transfer rate of a body after [`LATENESS`], in bytes per second. Even the slowest networks are faster.
const MIN_RATE: u32 = 4 * 1024;

/// The maximum time for a whole body (ASVS 5.0, 15.2.2).
const LONGEST: Duration = Duration::from_secs(10);

/// The memory budget for large bodies.
#[derive(Clone)]
pub(in crate::web) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_LARGE)))
    }
}

/// Reads the body of a POST, then passes the request on with it.
pub(in crate::web) async fn receive(
    State((state, room)): State<(AppState, Room)>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    match pass_on(request, &room, |request| next.run(request)).await {
        Ok(response) => response,
        Err((headers, code)) => refuse(&state, &headers, code),
    }
}

/// Reads the body of a request, then passes the request to `answer`. The body's room is released after the response.
///
/// # Errors
/// The headers of the request, and the problem with its body.
async fn pass_on<A: Future<Output = Response>>(
    request: Request,
    room: &Room,
    answer: impl FnOnce(Request) -> A,
) -> Result<Response, (HeaderMap, ErrorCode)> {
    let (parts, body) = request.into_parts();
    match Received::read(&parts.headers, body, room).await {
        Ok(Received { body, room: _room }) => Ok(answer(Request::from_parts(parts, body.into())).await),
        Err(code) => Err((parts.headers, code)),
    }
}

/// A complete body.
struct Received {
    body: Vec<u8>,
    room: Option<OwnedSemaphorePermit>,
}

impl Received {
    async fn read(headers: &HeaderMap, mut body: Body, room: &Room) -> Result<Self, ErrorCode> {
        Kind::of(headers)?;
        let announced =
            headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > MAX_BODY as u64) {
            return Err(ErrorCode::TooLarge);
        }
        let begun = Instant::now();
        let mut received = Self { body: Vec::new(), room: None };
        // Too slow, disconnected, or incomplete: clients rarely read this response.
        while let Some(frame) =
            timeout_at(begun + received.time(), body.frame()).await.map_err(|_| ErrorCode::Invalid)?
        {
            let frame = frame.map_err(|_| ErrorCode::Invalid)?;
            if let Ok(data) = frame.into_data() {
                received.take(&data, room)?;
            }
        }
        Ok(received)
    }

    fn take(&mut self, data: &Bytes, room: &Room) -> Result<(), ErrorCode> {
        let before = self.body.len().max(SMALL_BODY);
        let after = self.body.len() + data.len();
        if after > MAX_BODY {
            return Err(ErrorCode::TooLarge);
        }
        if let Some(more) = u32::try_from(after.saturating_sub(before)).ok().filter(|more| *more > 0) {
            let Ok(taken) = room.0.clone().try_acquire_many_owned(more) else {
                metrics::shed();
                return Err(ErrorCode::Unavailable);
            };
            match &mut self.room {
                Some(room) => room.merge(taken),
                room @ None => *room = Some(taken),
            }
        }
        self.body.extend_from_slice(data);
        Ok(())
    }

    /// Returns the deadline of the next part, counted from the start of the body.
    fn time(&self) -> Duration {
        let bytes = u32::try_from(self.body.len()).unwrap_or(u32::MAX);
        (LATENESS + Duration::from_secs(1) * bytes / MIN_RATE).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, task::Poll};

    use axum::http::HeaderValue;
    use futures_util::{StreamExt, stream};
    use tokio::sync::oneshot;

    use super::*;

    fn form() -> HeaderMap {
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        HeaderMap::from_iter([(header::CONTENT_TYPE, form)])
    }

    /// Returns a body of `count` parts of `size` bytes each, one every `pause`.
    fn body(count: usize, size: usize, pause: Duration) -> Body {
        Body::from_stream(stream::iter(0..count).then(move |_| async move {
            tokio::time::sleep(pause).await;
            Ok::<_, Infallible>(vec![b'x'; size])
        }))
    }

    async fn read(body: Body, room: &Room) -> Result<Received, ErrorCode> {
        Received::read(&form(), body, room).await
    }

    #[tokio::test(start_paused = true)]
    async fn n12_a_body_has_to_come_at_a_least_rate() {
        let room = Room::default();
        let begun = Instant::now();
        let dripping = body(100, 1, Duration::from_millis(900));
        assert_eq!(read(dripping, &room).await.err(), Some(ErrorCode::Invalid));
        assert!(begun.elapsed() < LATENESS + Duration::from_secs(1), "{:?}", begun.elapsed());
        let slow = body(16, MAX_BODY / 16, Duration::from_millis(600));
        assert_eq!(read(slow, &room).await.map(|received| received.body.len()).ok(), Some(MAX_BODY));
        let begun = Instant::now();
        let long = body(16, MAX_BODY / 16, Duration::from_millis(700));
        assert_eq!(read(long, &room).await.err(), Some(ErrorCode::Invalid), "fast enough, but for too long");
        assert_eq!(begun.elapsed(), Duration::from_secs(10));
        let late = body(1, 100, Duration::from_millis(2900));
        assert_eq!(read(late, &room).await.map(|received| received.body.len()).ok(), Some(100));
    }

    #[tokio::test(start_paused = true)]
    async fn n12_large_bodies_share_a_memory_budget_and_small_ones_do_not_use_it() {
        let room = Room(Arc::new(Semaphore::new(MAX_BODY)));
        let first = read(body(2, MAX_BODY / 2, Duration::ZERO), &room).await.unwrap();
        assert_eq!(read(body(1, MAX_BODY, Duration::ZERO), &room).await.err(), Some(ErrorCode::Unavailable));
        let mut small = Vec::new();
        for _ in 0..1000 {
            small.push(read(body(4, SMALL_BODY / 4, Duration::ZERO), &room).await.unwrap());
        }
        drop(first);
        assert!(read(body(1, MAX_BODY, Duration::ZERO), &room).await.is_ok());
        assert_eq!(room.0.available_permits(), MAX_BODY, "all of it is given back");
    }

    #[tokio::test]
    async fn n12_a_large_body_keeps_its_memory_budget_until_its_request_is_answered() {
        let room = Room(Arc::new(Semaphore::new(MAX_BODY)));
        let post = || {
            let mut request = Request::new(body(1, MAX_BODY, Duration::ZERO));
            *request.headers_mut() = form();
            request
        };
        let (begin, has_begun) = oneshot::channel();
        let (end, may_end) = oneshot::channel::<()>();
        let slow = pass_on(post(), &room, async |_| {
            begin.send(()).unwrap();
            may_end.await.unwrap();
            Response::default()
        });
        let meanwhile = async {
            has_begun.await.unwrap();
            let refused = pass_on(post(), &room, async |_| Response::default()).await;
            assert_eq!(refused.unwrap_err().1, ErrorCode::Unavailable);
            end.send(()).unwrap();
        };
        let (answered, ()) = tokio::join!(slow, meanwhile);
        assert!(answered.is_ok());
        assert!(pass_on(post(), &room, async |_| Response::default()).await.is_ok());
    }

    #[tokio::test]
    async fn n12_a_body_over_the_limit_is_refused_at_its_first_byte_too_many() {
        // A literal, so that a change of the constant fails this test.
        const LIMIT: usize = 65_536;
        let room = Room::default();
        let size = |received: Result<Received, ErrorCode>| received.map(|received| received.body.len());
        for length in [LIMIT - 1, LIMIT] {
            assert_eq!(size(read(body(1, length, Duration::ZERO), &room).await), Ok(length));
        }
        assert_eq!(size(read(body(1, LIMIT + 1, Duration::ZERO), &room).await), Err(ErrorCode::TooLarge));

        let parts = stream::iter([vec![b'x'; LIMIT], b"x".to_vec()]).map(Ok::<_, Infallible>);
        let endless = parts.chain(stream::once(async { unreachable!("it is read on") }));
        assert_eq!(size(read(Body::from_stream(endless), &room).await), Err(ErrorCode::TooLarge));
        assert_eq!(room.0.available_permits(), MOST_LARGE);
    }

    #[tokio::test]
    async fn n12_a_body_that_is_announced_as_too_large_is_refused_unread() {
        let announced = |length: usize| {
            let mut headers = form();
            headers.insert(header::CONTENT_LENGTH, length.into());
            headers
        };
        let unread = Body::from_stream(stream::poll_fn(|_| -> Poll<Option<Result<Bytes, Infallible>>> {
            unreachable!("it is read")
        }));
        let refused = Received::read(&announced(65_537), unread, &Room::default()).await;
        assert_eq!(refused.err(), Some(ErrorCode::TooLarge));
        let received = Received::read(&announced(65_536), body(1, 65_536, Duration::ZERO), &Room::default()).await;
        assert_eq!(received.map(|received| received.body.len()).ok(), Some(65_536));
    }
}

//! The bodies of the API's server functions: they take the request apart, call one use case, and put its tokens into
//! cookies.

use axum::http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

use super::{AppState, client_address, cookies::Presented};
use crate::{
    accounts::{
        Activity, Authentication, Caller, ChangeProof, Client, Code, EmailProof, Error, Identity, Newcomer, Session,
        SessionId, SignedUp, Tokens, Verified,
    },
    api::{ActivityBody, ApiError, CustomerBody, Done, EmailBody, ErrorCode, SessionBody, Welcome},
    domain::{
        ChangePassword, Confirm, Customer, EmailAddress, Field, FieldError, FieldErrors, LogIn, ResetPassword, SignUp,
    },
    ui::routes,
};

/// Tells a browser what to forget of this site (W3C Clear Site Data).
pub(super) const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// `POST /api/auth/signup`
///
/// # Errors
/// As the API says.
pub async fn sign_up(name: &str, email: &str, password: &str) -> Result<Welcome, ApiError> {
    let call = Call::current()?;
    let form = SignUp::parse(name, email, password).map_err(ApiError::invalid)?;
    let signed_up = call.state.accounts.sign_up(form, call.caller(), call.presented.refresh()).await;
    match check(signed_up)? {
        SignedUp::SignedIn(customer, tokens) => {
            call.set_cookies(&tokens);
            call.response.set_status(StatusCode::CREATED);
            Ok(Welcome::SignedIn(customer_body(&customer)))
        }
        SignedUp::Pending(cookie) => {
            call.append_cookies([call.state.cookies.set_newcomer(&cookie)]);
            call.response.set_status(StatusCode::ACCEPTED);
            Ok(Welcome::NotYet(Done {}))
        }
    }
}

/// `POST /api/auth/login`
///
/// # Errors
/// As the API says.
pub async fn log_in(email: &str, password: &str) -> Result<CustomerBody, ApiError> {
    let call = Call::current()?;
    let form = LogIn::parse(email, password).map_err(ApiError::invalid)?;
    let logged_in = call.state.accounts.log_in(form, call.caller(), call.presented.refresh()).await;
    let (customer, tokens) = check(logged_in)?;
    call.set_cookies(&tokens);
    Ok(customer_body(&customer))
}

/// `POST /api/auth/logout`
///
/// # Errors
/// As the API says. While the store does not answer, the cookies stay, since the session does.
pub async fn log_out() -> Result<Done, ApiError> {
    let call = Call::current()?;
    check(call.state.accounts.log_out(call.presented.access(), call.presented.refresh(), &call.client()).await)?;
    call.clear_cookies();
    // Whatever the browser keeps of the account goes with it (ASVS 5.0, 14.3.1). Not "cookies": they would take those
    // of the shop's other pages along.
    call.response.insert_header(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(Done {})
}

/// `POST /api/auth/refresh-token`
///
/// # Errors
/// As the API says.
pub async fn refresh_token() -> Result<Done, ApiError> {
    let call = Call::current()?;
    let Some(token) = call.presented.refresh() else { return Err(ErrorCode::Unauthenticated.into()) };
    match call.state.accounts.refresh_on_request(token, &call.client()).await {
        Ok(tokens) => {
            call.set_cookies(&tokens);
            Ok(Done {})
        }
        Err(error) => {
            if matches!(error, Error::Unauthenticated) {
                call.clear_cookies();
            }
            Err(explain(&error))
        }
    }
}

/// `POST /api/auth/verify-email`
///
/// # Errors
/// As the API says.
pub async fn verify_email(token: &str, code: &str) -> Result<Welcome, ApiError> {
    let call = Call::current()?;
    let proof = match parse_token(token) {
        Some(token) => EmailProof::Link(token),
        None => EmailProof::Code(parse_code(code)?),
    };
    let identity = call.known_identity().await?;
    let verified = call.state.accounts.verify_email(proof, call.caller(), identity, call.presented.refresh()).await;
    let welcome = match check(verified)? {
        Verified::SignedIn(customer, tokens) => {
            call.set_cookies(&tokens);
            Welcome::SignedIn(customer_body(&customer))
        }
        Verified::StillSignedIn(customer) => Welcome::SignedIn(customer_body(&customer)),
        Verified::Elsewhere { reset } => {
            if let Ok(mut next) = HeaderValue::try_from(routes::reset_password(&reset)) {
                next.set_sensitive(true);
                call.response.insert_header(header::LOCATION, next);
            }
            Welcome::NotYet(Done {})
        }
    };
    call.append_cookies([call.state.cookies.clear_newcomer()]);
    Ok(welcome)
}

/// `POST /api/auth/verify-email/resend`
///
/// # Errors
/// As the API says.
pub async fn resend_verification(email: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let email = (!email.trim().is_empty()).then(|| parse_email(email)).transpose()?;
    let identity = call.known_identity().await?;
    check(call.state.accounts.resend_verification(email, &call.caller(), identity).await)?;
    Ok(Done {})
}

/// `GET /api/auth/email`
///
/// # Errors
/// As the API says.
pub async fn email() -> Result<EmailBody, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    let customer = check(call.state.accounts.profile(identity).await)?;
    let pending = check(call.state.accounts.proposed_email(identity).await)?;
    Ok(EmailBody {
        email: customer.email.as_str().to_owned(),
        verified: customer.verified,
        pending: pending.map(|email| email.as_str().to_owned()),
    })
}

/// `POST /api/auth/change-email`
///
/// # Errors
/// As the API says.
pub async fn propose_email(email: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    check(call.state.accounts.propose_email(identity, parse_email(email)?, &call.client()).await)?;
    Ok(Done {})
}

/// `POST /api/auth/change-email/confirm`
///
/// # Errors
/// As the API says.
pub async fn change_email(token: &str, code: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let proof = match parse_token(token) {
        Some(token) => ChangeProof::Link(token),
        None => ChangeProof::Code(call.identity().await?, parse_code(code)?),
    };
    check(call.state.accounts.change_email(proof, &call.client()).await)?;
    Ok(Done {})
}

/// `POST /api/auth/change-email/cancel`
///
/// # Errors
/// As the API says.
pub async fn withdraw_email() -> Result<Done, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    check(call.state.accounts.withdraw_email(identity).await)?;
    Ok(Done {})
}

/// `POST /api/auth/secure-account`
///
/// # Errors
/// As the API says.
pub async fn secure_account(token: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    check(call.state.accounts.secure_account(token, &call.client()).await)?;
    Ok(Done {})
}

/// `POST /api/auth/forgot-password`
///
/// # Errors
/// As the API says.
pub async fn forgot_password(email: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    check(call.state.accounts.forgot_password(&parse_email(email)?, &call.client()).await)?;
    Ok(Done {})
}

/// `POST /api/auth/reset-password`
///
/// # Errors
/// As the API says.
pub async fn reset_password(token: &str, password: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let form = ResetPassword::parse(token, password).map_err(ApiError::invalid)?;
    check(call.state.accounts.reset_password(form, &call.client()).await)?;
    Ok(Done {})
}

/// `GET /api/auth/profile`
///
/// # Errors
/// As the API says.
pub async fn profile() -> Result<CustomerBody, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    Ok(customer_body(&check(call.state.accounts.profile(identity).await)?))
}

/// `GET /api/auth/sessions`
///
/// # Errors
/// As the API says.
pub async fn sessions() -> Result<Vec<SessionBody>, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    Ok(session_bodies(identity, &check(call.state.accounts.sessions_of(identity).await)?))
}

/// `POST /api/auth/sessions/revoke`
///
/// # Errors
/// As the API says.
pub async fn revoke_session(session: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    let id = SessionId::parse(session).ok_or(ErrorCode::NotFound)?;
    check(call.state.accounts.end_session(identity, id, &call.client()).await)?;
    if id == identity.session.id {
        call.clear_cookies();
    }
    Ok(Done {})
}

/// `POST /api/auth/sessions/revoke-others`
///
/// # Errors
/// As the API says.
pub async fn revoke_other_sessions() -> Result<Done, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    check(call.state.accounts.end_other_sessions(identity, &call.client()).await)?;
    Ok(Done {})
}

/// `GET /api/auth/activity`
///
/// # Errors
/// As the API says.
pub async fn activity() -> Result<Vec<ActivityBody>, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    Ok(activity_bodies(check(call.state.accounts.activities(identity).await)?))
}

/// `POST /api/auth/confirm`
///
/// # Errors
/// As the API says.
pub async fn confirm(current_password: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    let form = Confirm::parse(current_password).map_err(ApiError::invalid)?;
    call.replace_cookies(call.state.accounts.confirm(identity, form, call.caller()).await)
}

/// `POST /api/auth/change-password`
///
/// # Errors
/// As the API says.
pub async fn change_password(current_password: &str, password: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    let form = ChangePassword::parse(current_password, password).map_err(ApiError::invalid)?;
    call.replace_cookies(call.state.accounts.change_password(identity, form, call.caller()).await)
}

/// Sessions, as the API writes them, for the one of them that asks.
pub(super) fn session_bodies(asking: Identity, sessions: &[Session]) -> Vec<SessionBody> {
    let body = |session: &Session| SessionBody {
        id: session.key.id.to_string(),
        device: session.client.device.system.clone(),
        browser: session.client.device.browser.clone(),
        address: session.client.address.to_canonical().to_string(),
        created_at: rfc3339(session.created_at),
        last_seen_at: rfc3339(session.last_seen_at),
        current: session.key == asking.session,
    };
    sessions.iter().map(body).collect()
}

/// What happened to an account, as the API writes it.
pub(super) fn activity_bodies(activities: Vec<Activity>) -> Vec<ActivityBody> {
    let body = |activity: Activity| {
        let (device, address) = activity
            .client
            .map_or_else(Default::default, |client| (client.device, client.address.to_canonical().to_string()));
        ActivityBody {
            event: activity.event,
            at: rfc3339(activity.at),
            count: activity.count,
            device: device.system,
            browser: device.browser,
            address,
        }
    };
    activities.into_iter().map(body).collect()
}

/// A customer, as the API writes one.
pub(super) fn customer_body(customer: &Customer) -> CustomerBody {
    CustomerBody {
        id: customer.id.to_string(),
        name: customer.name.as_str().to_owned(),
        email: customer.email.as_str().to_owned(),
        role: customer.role,
        created_at: rfc3339(customer.created_at),
        updated_at: rfc3339(customer.updated_at),
    }
}

fn parse_email(typed: &str) -> Result<EmailAddress, ApiError> {
    EmailAddress::parse(typed).map_err(|error| ApiError::invalid(FieldErrors::one(Field::Email, error)))
}

/// The token of a link, where one was sent.
fn parse_token(token: &str) -> Option<Zeroizing<String>> {
    (!token.is_empty()).then(|| Zeroizing::new(token.to_owned()))
}

fn parse_code(typed: &str) -> Result<Code, ApiError> {
    let error = if typed.trim().is_empty() { FieldError::Required } else { FieldError::Malformed };
    Code::parse(typed).ok_or_else(|| ApiError::invalid(FieldErrors::one(Field::Code, error)))
}

fn rfc3339(time: time::OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_default()
}

/// One call of a server function.
struct Call {
    state: AppState,
    parts: Parts,
    presented: Presented,
    response: ResponseOptions,
}

impl Call {
    fn current() -> Result<Self, ApiError> {
        let (Some(state), Some(parts), Some(response)) = (use_context::<AppState>(), use_context(), use_context())
        else {
            tracing::error!("a server function was called outside of a request");
            return Err(ErrorCode::Internal.into());
        };
        let parts: Parts = parts;
        let presented = state.cookies.read(&parts.headers);
        Ok(Self { state, parts, presented, response })
    }

    fn client(&self) -> Client {
        client_address::client(&self.parts, &self.state.trusted_proxies)
    }

    fn caller(&self) -> Caller {
        let browser = self.presented.browser().and_then(|cookie| self.state.accounts.browser_cookies.parse(cookie));
        Caller { client: self.client(), browser, newcomer: newcomer(&self.state, &self.presented) }
    }

    /// Who is signed in; the answer carries new cookies where they were due.
    async fn identity(&self) -> Result<Identity, ApiError> {
        self.known_identity().await?.ok_or(ErrorCode::Unauthenticated.into())
    }

    /// Who is signed in, if anybody is.
    async fn known_identity(&self) -> Result<Option<Identity>, ApiError> {
        let known =
            self.state.accounts.authenticate(self.presented.access(), self.presented.refresh(), || self.client()).await;
        match check(known)? {
            Authentication::SignedIn(identity) => Ok(Some(identity)),
            Authentication::Renewed(identity, tokens) => {
                self.set_cookies(&tokens);
                Ok(Some(identity))
            }
            Authentication::Ended => {
                self.clear_cookies();
                Ok(None)
            }
            Authentication::Anonymous => Ok(None),
        }
    }

    /// Answers with the cookies of a session that took the place of the one that asked. Whoever was renewed on the way
    /// must not end with the old ones: of two cookies of one name, the last counts.
    fn replace_cookies(&self, tokens: Result<Tokens, Error>) -> Result<Done, ApiError> {
        let tokens = check(tokens)?;
        self.set_cookies(&tokens);
        Ok(Done {})
    }

    fn set_cookies(&self, tokens: &Tokens) {
        self.append_cookies(self.state.cookies.set(tokens));
    }

    fn clear_cookies(&self) {
        self.append_cookies(self.state.cookies.clear());
    }

    fn append_cookies(&self, cookies: impl IntoIterator<Item = HeaderValue>) {
        for cookie in cookies {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
    }
}

/// Who signed up in this browser and has yet to verify their address.
pub(super) fn newcomer(state: &AppState, presented: &Presented) -> Option<Newcomer> {
    state.accounts.newcomer_cookies.parse(presented.newcomer()?)
}

fn check<T>(result: Result<T, Error>) -> Result<T, ApiError> {
    result.map_err(|error| explain(&error))
}

/// What anybody is told of an error. Here a failure is logged, once, with its cause.
pub(super) fn explain(error: &Error) -> ApiError {
    let code = match error {
        Error::Invalid(fields) => return ApiError::invalid(fields.clone()),
        Error::InvalidCredentials => ErrorCode::InvalidCredentials,
        Error::Unauthenticated => ErrorCode::Unauthenticated,
        Error::ConfirmationRequired => ErrorCode::ConfirmationRequired,
        Error::NotFound => ErrorCode::NotFound,
        Error::EmailTaken => ErrorCode::EmailTaken,
        Error::LinkExpired => ErrorCode::LinkExpired,
        Error::TooManyAttempts { retry_after } => {
            // Rounded up: whoever waits that long must not be refused again.
            let seconds = retry_after.as_millis().div_ceil(1000).try_into().unwrap_or(u32::MAX);
            return ApiError { retry_after: Some(seconds), ..ErrorCode::TooManyAttempts.into() };
        }
        Error::StoreUnavailable(_) | Error::HasherBusy => {
            tracing::warn!(error = error as &dyn std::error::Error, "unavailable");
            ErrorCode::Unavailable
        }
        Error::Internal(_) => {
            tracing::error!(error = error as &dyn std::error::Error, "a defect");
            ErrorCode::Internal
        }
    };
    code.into()
}

//! Sign up: creates an account. The customer is signed in at once or, if the shop requires verified addresses, once
//! they have proved that they can read the mail to theirs.

use crate::{
    accounts::{
        core::{
            accounts::{Accounts, Core},
            browser::Caller,
            error::Error,
        },
        lifecycle::pending_signup::PendingSignupCookie,
        mail::message::MailKind,
        ports::{AddressError, Credentials},
        sessions::session::{Client, Tokens},
    },
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Event, PersonName, Role, SignUp},
    telemetry::metrics,
};

/// The result of a sign-up.
#[derive(Debug)]
pub enum SignedUp {
    /// The account exists, and its customer is signed in.
    SignedIn(Customer, Box<Tokens>),
    /// A mail to the address says how to continue. The response itself reveals nothing.
    Pending(PendingSignupCookie),
}

impl Accounts {
    /// Creates an account. If the shop requires verified addresses, the result does not reveal whether there already
    /// was an account with the address.
    ///
    /// # Errors
    /// `Invalid` for a weak password, `EmailTaken`, `TooManyAttempts`, or an error if a store or the password hasher
    /// does not answer. Then there is no account.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn sign_up(&self, form: SignUp, caller: Caller, replaced: Option<&str>) -> Result<SignedUp, Error> {
        self.check_chosen(&form.password, &form.name, &form.email)?;
        let budgets = self.sign_up_budgets(&form.email, &caller.client, caller.pending_signup.as_ref()).await?;
        self.limited(budgets, self.open_account(form, caller, replaced)).await
    }

    async fn open_account(&self, form: SignUp, caller: Caller, replaced: Option<&str>) -> Result<SignedUp, Error> {
        if self.requires_verified_email {
            // Boxed, since it is the largest part of a future that would be too large otherwise.
            return Box::pin(self.register(form, caller)).await.map(SignedUp::Pending);
        }
        let new = self.new_credentials(form, &caller.client).await?;
        self.join(new, caller, replaced).await
    }

    /// Creates an account and starts its first session.
    ///
    /// The session is written first: a session without a customer grants no access and expires by itself, while a
    /// customer without a response would find their address taken when they try again.
    async fn join(&self, new: Credentials, caller: Caller, replaced: Option<&str>) -> Result<SignedUp, Error> {
        let customer = &new.customer;
        // The address may be a stranger's.
        let sends_mail = self.reserve_sign_up_mail(&customer.email, None).await?;
        let tokens = self.create_session(customer, &caller, customer.created_at).await?;
        let (id, verification) = self.new_verification(None);
        let mail = self.mail(customer, MailKind::VerifyEmail(id, caller.client.clone())).filter(|_| sends_mail);
        if let Err(error) = self.customers.create(&new, Some(&verification), mail.as_ref()).await {
            // Best effort: otherwise a session without a customer is left behind.
            let _ = self.sessions.end(tokens.refresh.session()).await;
            return Err(error.into());
        }
        metrics::signed_up();
        self.end_replaced(replaced).await;
        self.record_proof(customer, Event::SignedUp, &caller, &tokens).await;
        tracing::info!(event = "signed_up", customer = %customer.id, "a customer signed up");
        Ok(SignedUp::SignedIn(new.customer, tokens.into()))
    }

    /// Creates an account that cannot be used yet. Replaces an unverified one with the same address. If the address has
    /// a customer, sends them a mail instead. Each case is one hash, two reads and one write, and looks the same (ASVS
    /// 5.0, 6.3.8).
    async fn register(&self, form: SignUp, caller: Caller) -> Result<PendingSignupCookie, Error> {
        let mut new = self.new_credentials(form, &caller.client).await?;
        // After the hash, so that no mail is counted while the hasher is busy.
        let sends_mail = self.reserve_sign_up_mail(&new.customer.email, caller.pending_signup.as_ref()).await?;
        let pending_signup = self.pending_signup(&new.customer.email, caller.pending_signup);
        let (link, verification) = self.new_verification(Some(pending_signup.ticket()));
        let letter = MailKind::VerifyEmail(link, caller.client.clone());
        let mut known = self.customers.find_by_email(&new.customer.email).await?;
        let mut is_created = false;
        if known.is_none() {
            let mail = self.mail(&new.customer, letter.clone()).filter(|_| sends_mail);
            match self.customers.create(&new, Some(&verification), mail.as_ref()).await {
                Ok(()) => is_created = true,
                // Since the read, by someone else or by the same person twice.
                Err(AddressError::EmailTaken) => {
                    known = self.customers.find_by_email(&new.customer.email).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        // Read in each case, so that none takes longer.
        let address = self.customers.address(known.as_ref().map_or(CustomerId::NOBODY, |known| known.id)).await?;
        let is_unused = address.verification.is_some_and(|awaited| awaited.ticket.is_some());
        let mut replaced = None;
        match known {
            // The account stays as it is, so the ticket of this browser allows no guesses at a code.
            Some(_) if !sends_mail => {}
            // Without a ticket it is in use: it was created while the shop did not require verified addresses.
            Some(known) if known.verified || !is_unused => self.notify_of_sign_up(&known, &caller.client).await?,
            Some(known) => {
                new.customer.id = known.id;
                if let Some(mail) = self.mail(&new.customer, letter) {
                    if self.customers.replace_unverified(&new, &verification, &mail).await? {
                        self.record_later(known.id, Event::SignedUp, &caller.client);
                        replaced = Some(known);
                    } else {
                        // Verified since it was read.
                        self.notify_of_sign_up(&known, &caller.client).await?;
                    }
                }
            }
            // The address is in a record of the shop that is not a customer's. No mail can say so.
            None if !is_created => {
                tracing::warn!("sign-up without effect: its address is in a record that is not a customer's");
            }
            None => {
                metrics::signed_up();
                // In the background, since the response time must not reveal that the account is new.
                self.record_later(new.customer.id, Event::SignedUp, &caller.client);
            }
        }
        self.end_sessions_later(replaced.as_ref());
        tracing::info!(event = "sign_up_pending", "a visitor signed up and must verify their address");
        Ok(self.pending_signup_cookies.write(&pending_signup, self.clock.now()))
    }

    /// Notifies a customer of a sign-up with their address: they may have forgotten that they have an account.
    async fn notify_of_sign_up(&self, customer: &Customer, client: &Client) -> Result<(), Error> {
        let (link, reset) = self.new_reset();
        if let Some(mail) = self.mail(customer, MailKind::AlreadyCustomer(link, client.clone())) {
            self.customers.allow_reset(customer.id, &reset, &mail).await?;
            self.record_later(customer.id, Event::ResetAsked, client);
        }
        Ok(())
    }

    async fn new_credentials(&self, form: SignUp, client: &Client) -> Result<Credentials, Error> {
        let SignUp { name, email, password } = form;
        let password = self.hasher.hash(password).await?;
        let customer = self.core.new_customer(name, email);
        Ok(Credentials { customer: Customer { language: client.language, ..customer }, password })
    }
}

impl Core {
    /// Returns a new customer, with default values for everything else.
    pub(in crate::accounts) fn new_customer(&self, name: PersonName, email: EmailAddress) -> Customer {
        let now = self.clock.now();
        let mut random = [0; 8];
        self.randomness.fill(&mut random);
        Customer {
            id: CustomerId::new(now, random),
            name,
            email,
            verified: false,
            disabled: false,
            role: Role::default(),
            language: None,
            epoch: CredentialEpoch::default(),
            password_changed_at: Some(now),
            created_at: now,
            updated_at: now,
        }
    }
}

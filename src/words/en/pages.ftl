# What people read on the pages. Texts between <a> and </a> are links, between <b> and </b> they are stressed.

## The frame of every page

skip = Skip to content
nav = Account
nav-account = Account
nav-log-in = Log in
nav-sign-up = Sign up
nav-log-out = Log out
language = Language
dismiss = Dismiss

## The account's own pages

account-nav = Your account
account-nav-overview = Overview
account-nav-email = Email address
account-nav-security = Security
account-nav-devices = Devices
account-nav-activity = Activity

## The start

home-title = Welcome
home-lead = Your account with this shop: one place to sign up, log in and stay signed in.
home-description = Your account at { $shop }: sign up, log in, and see where you are signed in.
home-sign-up = Create an account
home-log-in = Log in
home-customer-title = Welcome back
home-customer-heading = Hello, { $name }
home-customer-lead = Good to see you. You are signed in as <b>{ $email }</b>.
home-customer-account = Go to your account

## Log in and sign up

log-in-title = Log in
log-in-button = Log in
log-in-busy = Logging in…
log-in-forgot = <a>Forgot your password?</a>
log-in-verify = Just signed up? <a>Verify your email address first</a>
log-in-new = New here? <a>Create an account</a>
sign-up-title = Create your account
sign-up-button = Create account
sign-up-busy = Creating your account…
sign-up-password-hint = 8 characters or more. A few words you can remember make a good one.
sign-up-known = Already a customer? <a>Log in</a>
did-you-mean = Did you mean { $email }?

## Fields

field-name = Name
field-email = Email address
field-password = Password
field-new-password = New password
field-current-password = Current password
field-new-email = New email address
field-code = Code
field-code-hint = Six digits. They are good for a day.
password-show = Show
password-caps-lock = Caps Lock is on.
password-strength = Strength:
password-strength-0 = Very weak
password-strength-1 = Weak
password-strength-2 = Fair
password-strength-3 = Good
password-strength-4 = Strong

## What is wrong with a field, and how to put it right

error-title = Error: { $title }
error-summary = There is a problem
fault-name-required = Enter your name.
fault-name-too-long = Use { $most } characters or fewer.
fault-name = Enter your name without control characters.
fault-email-required = Enter your email address.
fault-email-unchanged = This is your address already.
fault-email-too-long = This address is too long to be one.
fault-email = Enter an email address like name@example.com.
fault-current-password-required = Enter your current password.
fault-current-password = This is not your current password.
fault-password-required = Enter a password.
fault-password-too-short = Use { $least } characters or more.
fault-password-too-long = Use { $most } characters or fewer.
fault-password-too-common = This password is one of the most common ones. Choose another.
fault-password-too-personal = This password is too close to your name, your email address or the shop’s name.
fault-password = This password has a character that cannot be used.
fault-code-required = Enter the code of our mail.
fault-code-wrong = This is not the code of our latest mail, or its time is over. Ask for another mail.
fault-code = Enter the six digits of the code.

## What kept something from being done, and what to do next

problem-invalid-credentials = The email address or the password is wrong.
problem-unauthenticated = Please log in first.
problem-confirmation-required = Please confirm your password first.
problem-cross-origin = This request came from another site and was not carried out.
problem-not-found = There is nothing here.
problem-misdirected = This server doesn't answer for this host name. Check the address.
problem-email-taken = There is already an account with this email address. Log in instead.
problem-link-expired = This link is no longer good. Ask for a new one.
problem-too-large = This is more than can be sent at once.
problem-unsupported-media-type = Send JSON or a form.
problem-invalid = Some fields need another look.
problem-too-many-attempts = Too many attempts. Please wait a while, then try again.
problem-too-many-attempts-wait = Too many attempts. Try again in { $wait }.
problem-unavailable = We cannot answer right now. Please try again in a moment.
problem-internal = Something went wrong on our side. Please try again.
wait-seconds = { $seconds ->
    [one] a second
   *[other] { $seconds } seconds
}
wait-minutes = { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
}
wait-hours = { $hours ->
    [one] an hour
   *[other] { $hours } hours
}

## Times and devices

month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
day = { $day } { month } { $year }
minute = { day }, { $hour }:{ $minute } UTC
device = { $browser } on { $system }
device-unknown = Unknown device

## Overview

account-title = Your account
account-lead = Hello, { $name }. Here is what there is to know of your account.
account-verify = Please <a>verify your email address</a>, so that you can get back in should you ever forget your password.
account-profile = You
account-name = Name
account-email = Email address
account-email-verified = Verified
account-email-unverified = Not verified yet
account-since = Customer since
account-change-email = Change your email address
account-devices = Devices
account-devices-count = { $count ->
    [one] You are signed in on this device only.
   *[other] You are signed in on { $count } devices.
}
account-all-devices = Your devices
account-password = Password
account-password-changed = Last changed on { $day }.
account-password-unchanged = Never changed.
account-password-unknown = Use a password that you don't use anywhere else.
account-change-password = Change your password
account-activity = Latest activity
account-all-activity = All activity

## Devices

devices-title = Your devices
devices-lead = You are signed in on these. End what you do not recognise, then change your password.
devices-confirm = To sign out other devices, <a>confirm your password first</a>.
devices-this = This device
devices-last-seen = Last seen
devices-from = from { $address }
devices-since = since
devices-only = No other device
devices-only-lead = You are signed in nowhere else.
devices-sign-out = Sign out
devices-sign-out-label = Sign out { $device }
devices-sign-out-others = Sign out all other devices
devices-sign-out-others-title = Sign out all other devices?
devices-sign-out-others-lead = Whoever uses them has to log in again. You stay signed in here.
devices-sign-out-others-yes = Sign them out
cancel = Cancel
signing-out = Signing out…

## Activity

activity-title = Activity
activity-lead = Is something here not yours? <a>Change your password</a>: it signs all other devices out.
activity-none = Nothing yet
activity-none-lead = What happens to your account will be listed here.
event-signed-up = You opened this account
event-email-verified = Email address verified
event-email-change-asked = Another email address was proposed
event-email-changed = Email address changed, all other devices signed out
event-account-secured = Account secured: all devices signed out, until a new password was chosen by mail
event-logged-in = Login
event-logged-in-on-new-device = Login on a new device
event-attempt-failed = { $count ->
    [one] An attempt with a wrong password
   *[other] { $count } attempts with a wrong password
}
event-confirmed = Password confirmed
event-password-changed = Password changed, all other devices signed out
event-reset-asked = A link to choose a new password was asked for
event-password-reset = New password chosen by a link, all devices signed out
event-logged-out = Logout
event-device-signed-out = A device was signed out from another
event-other-devices-signed-out = All other devices were signed out
event-token-reused = A device was signed out because a copy of its key was used
event-account-made = The shop opened this account for you
event-account-disabled = The shop closed this account, all devices signed out
event-account-enabled = The shop opened this account again
event-role-changed = The shop changed what this account may do
event-signed-out-by-shop = The shop signed all devices out
event-times = { $event } ({ $count } times)

## Security

security-title = Change your password
security-hint = 8 characters or more. All other devices will be signed out.
security-button = Change password
security-busy = Changing your password…

## Confirm a password

confirm-title = Confirm that it is you
confirm-lead = What comes next is sensitive. Your password opens it for ten minutes.
confirm-button = Confirm
confirm-busy = Confirming…

## Email address

email-title = Your email address
email-lead = You log in with <b>{ $email }</b>.
email-verify = Verify this address
email-no-mail = This shop sends no mail. Please ask it for help to change your address.
email-confirm = To change it, <a>confirm your password first</a>.
email-button = Change address
email-replace = Replace it
email-busy = Sending…
email-proposed = Waiting for <b>{ $email }</b>: follow the link in our mail to it, or <a>type its code</a>.
email-cancel = Cancel the change

## Change of an email address

change-email-title = Change your email address
change-email-lead = From now on you log in with the address that we wrote to, and mail about your account goes there. All other devices are signed out.
change-email-button = Use this address
change-email-busy = Changing your address…
change-email-expired = This link has expired or was already used. Request a new one.
change-email-elsewhere = To finish, enter this code in the browser where you asked for the change:
change-email-elsewhere-why = Didn't ask for this? Close this page. Without the code nothing changes.
change-email-code = We wrote to <b>{ $email }</b>. Follow the link in that mail, or type its code here.
change-email-follow = Follow the link in our mail.
change-email-back = Your email address

## Forgotten password

forgot-title = Forgot your password?
forgot-lead = We send you a link by which you choose a new one.
forgot-no-mail = This shop sends no mail. Please ask it for help.
forgot-button = Send the link
forgot-busy = Sending…
forgot-back = Back to the login

## A new password by a link

reset-title = Choose a new password
reset-hint = 8 characters or more. All devices will be signed out.
reset-follow = Follow the link in our mail, or <a>ask for a new one</a>.
reset-log-in = Log in

## Securing an account

secure-title = Secure your account
secure-lead = Was this not you? Then somebody else may know your password. This will:
secure-devices = sign out all devices, yours too,
secure-password = void your password, and send you a link to choose a new one,
secure-email = put back your email address, should it have been changed.
secure-button = Secure my account
secure-busy = Securing your account…
secure-expired = This link was used already, or its time is over.
secure-expired-next = If you fear for your account, <a>choose a new password</a>: it signs all devices out.
secure-follow = Follow the link in our mail.

## Verifying an address

verify-title = Verify your email address
verify-code = We wrote to <b>{ $email }</b>. Follow the link in that mail, or type its code here.
verify-typo = Did you mean <b>{ $email }</b>? Then <a>sign up with that</a>.
verify-button = Verify
verify-busy = Verifying…
verify-again = Nothing there? Look among unwanted mail too.
verify-again-button = Send it again
verify-expired = This link was used already, or its time is over.
verify-expired-next = <a>Log in</a>: should your address still be to verify, we send another.
verify-follow = Follow the link in our mail. It works in any browser.
verify-follow-next = No mail? <a>Log in</a>, and should your address still be to verify, we send another.
verify-reclaims = You did not sign up in this browser. To be sure that the account is yours alone, you choose a new password next, and all devices are signed out.
verify-keeps = To keep your password, follow the link where you signed up, or type its code there.
verify-link-button = Verify my address

## What was done

done-password-changed = Your password has been changed, and all other devices are signed out.
done-email-proposed = We wrote to your new address. Until you follow the link there, the old one counts.
done-email-withdrawn = Your address stays as it is.
done-email-changed = Your email address has been changed, and all other devices are signed out.
done-account-secured = All devices are signed out, and the old password is void. We sent you a link to choose a new one.
done-verification-sent = Another mail is on its way. Earlier ones are not good any more.
done-reset-asked = If there is an account with this address, a link is on its way. It is good for half an hour.
done-password-reset = Your password has been changed, and all devices are signed out. Log in with it now.
done-device-signed-out = Done. Whoever used that device has to log in again.
done = Done.

## When something is not there, or broken

not-found-title = Page not found
not-found-lead = There is nothing at this address. It may have been mistyped, or the page has moved.
not-found-home = Go to the start
broken-title = That did not work
unavailable-title = We will be right back
broken-home = Go to the start

## Where a developer tries things out

kept-mail = Mail is not sent here, but shown
dev-mail-title = Mail
dev-mail-lead = No mail server is configured, so mail is shown here and sent to nobody. The latest 50 are kept.
dev-mail-none = No mail yet
dev-mail-none-lead = Reload the page when something has happened.
dev-mail-to = To { $email }

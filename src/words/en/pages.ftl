# Texts of the pages. Text between <a> and </a> is a link, text between <b> and </b> is emphasised.

## Header and footer of every page

skip = Skip to content
nav = Account
nav-account = Account
nav-log-in = Log in
nav-sign-up = Sign up
nav-log-out = Log out
language = Language
dismiss = Dismiss

## Account navigation

account-nav = Your account
account-nav-overview = Overview
account-nav-email = Email address
account-nav-security = Security
account-nav-devices = Devices
account-nav-activity = Activity

## Home page

home-title = Welcome
home-lead = Log in to manage your account, or create one in a minute.
home-description = Your account at { $shop }: sign up, log in and manage your devices.
home-sign-up = Create an account
home-log-in = Log in
home-customer-title = Welcome back
home-customer-heading = Hello, { $name }
home-customer-lead = You're logged in as <b>{ $email }</b>.
home-customer-account = Go to your account

## Log in and sign up

log-in-title = Log in
log-in-button = Log in
log-in-busy = Logging in…
log-in-forgot = <a>Forgot your password?</a>
log-in-verify = Just signed up? <a>Verify your email</a>
log-in-new = New here? <a>Create an account</a>
sign-up-title = Create your account
sign-up-button = Create account
sign-up-busy = Creating your account…
sign-up-password-hint = At least 8 characters. Three or four random words work well.
sign-up-known = Already have an account? <a>Log in</a>
did-you-mean = Did you mean { $email }?

## Fields

field-name = Name
field-email = Email address
field-password = Password
field-new-password = New password
field-current-password = Current password
field-new-email = New email address
field-code = Verification code
field-code-hint = 6 digits, valid for 24 hours.
password-show = Show
password-caps-lock = Caps Lock is on.
password-strength = Strength:
password-strength-0 = Very weak
password-strength-1 = Weak
password-strength-2 = Fair
password-strength-3 = Good
password-strength-4 = Strong

## Field errors

error-title = Error: { $title }
error-summary = There is a problem
fault-name-required = Enter your name.
fault-name-too-long = Use { $most } characters or fewer.
fault-name = Your name contains characters we can't use.
fault-email-required = Enter your email address.
fault-email-unchanged = That's already your email address.
fault-email-too-long = This email address is too long.
fault-email = Enter an email address like name@example.com.
fault-current-password-required = Enter your current password.
fault-current-password = That password isn't right.
fault-password-required = Enter a password.
fault-password-too-short = Use at least { $least } characters.
fault-password-too-long = Use { $most } characters or fewer.
fault-password-too-common = Too easy to guess. Choose a different password.
fault-password-too-personal = Don't use your name, email or the shop's name.
fault-password = Your password contains a character we can't use.
fault-code-required = Enter the code from our email.
fault-code-wrong = That code is wrong or has expired. Check our latest email or request a new one.
fault-code = Enter all 6 digits.

## Request errors

problem-invalid-credentials = Incorrect email or password.
problem-unauthenticated = Log in to continue.
problem-confirmation-required = Confirm your password to continue.
problem-cross-origin = We blocked this request for your security. Go back and try again.
problem-not-found = We couldn't find that. It may no longer exist.
problem-misdirected = This server doesn't answer for this host name. Check the address.
problem-email-taken = There is already an account with this email address. Log in instead.
problem-link-expired = This link has expired or was already used. Request a new one.
problem-too-large = That's too much to send at once.
problem-unsupported-media-type = Send JSON or a form, without a content encoding.
problem-invalid = Some fields are invalid.
problem-too-many-attempts = Too many attempts. Wait a while, then try again.
problem-too-many-attempts-wait = Too many attempts. Try again in { $wait }.
problem-unavailable = We're having trouble right now. Try again in a moment.
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
account-lead = Hello, { $name }. Manage your details and security.
account-verify = <a>Verify your email</a> so you can reset your password if you forget it.
account-profile = Your details
account-name = Name
account-email = Email address
account-email-verified = Verified
account-email-unverified = Not verified yet
account-since = Customer since
account-change-email = Change your email address
account-devices = Devices
account-devices-count = { $count ->
    [one] You're only signed in on this device.
   *[other] You're signed in on { $count } devices.
}
account-all-devices = Manage devices
account-password = Password
account-password-changed = Last changed on { $day }.
account-password-unchanged = Never changed.
account-password-unknown = Use a password you don't use anywhere else.
account-change-password = Change your password
account-activity = Recent activity
account-all-activity = View all activity

## Devices

devices-title = Your devices
devices-lead = Don't recognise a device? Sign it out, then change your password.
devices-confirm = <a>Confirm your password</a> to sign out other devices.
devices-this = This device
devices-last-seen = Last active
devices-from = from { $address }
devices-since = signed in since
devices-only = No other devices
devices-only-lead = You're only signed in here.
devices-sign-out = Sign out
devices-sign-out-label = Sign out { $device }
devices-sign-out-others = Sign out all other devices
devices-sign-out-others-title = Sign out all other devices?
devices-sign-out-others-lead = They'll need to log in again. You'll stay signed in here.
devices-sign-out-others-yes = Sign out other devices
cancel = Cancel
signing-out = Signing out…

## Activity

activity-title = Activity
activity-lead = See something you didn't do? <a>Change your password</a>. This signs out all other devices.
activity-none = No activity yet
activity-none-lead = Your account activity will appear here.
event-signed-up = Account created
event-email-verified = Email address verified
event-email-change-asked = Email change requested
event-email-change-cancelled = Email change canceled
event-email-changed = Email address changed, all other devices signed out
event-account-secured = Account secured: all devices signed out, new password required
event-logged-in = Logged in
event-logged-in-on-new-device = Logged in on a new device
event-attempt-failed = { $count ->
    [one] Failed login attempt
   *[other] { $count } failed login attempts
}
event-confirmed = Password confirmed
event-password-changed = Password changed, all other devices signed out
event-reset-asked = Password reset requested
event-password-reset = Password reset, all devices signed out
event-logged-out = Logged out
event-device-signed-out = Device signed out from another device
event-other-devices-signed-out = All other devices signed out
event-token-reused = Suspicious activity: we signed out a device whose session had been copied
event-account-made = Account created by the shop
event-account-disabled = Account disabled by the shop, all devices signed out
event-account-enabled = Account enabled again by the shop
event-role-changed = Permissions changed by the shop
event-signed-out-by-shop = All devices signed out by the shop
event-times = { $event } ({ $count } times)

## Security

security-title = Change your password
security-hint = At least 8 characters. All other devices will be signed out.
security-button = Change password
security-busy = Changing your password…

## Confirm password

confirm-title = Confirm it's you
confirm-lead = Enter your password to continue. We won't ask again for 10 minutes.
confirm-button = Confirm
confirm-busy = Confirming…

## Email address

email-title = Your email address
email-lead = You log in with <b>{ $email }</b>.
email-verify = Verify this email address
email-no-mail = This shop doesn't send emails. Contact the shop to change your email address.
email-confirm = <a>Confirm your password</a> to change your email address.
email-button = Change email
email-replace = Change email
email-busy = Sending…
email-proposed = Check <b>{ $email }</b> for our link, or <a>enter the code</a>.
email-cancel = Cancel change

## Confirm an email change

change-email-title = Change your email address
change-email-lead = You'll log in with your new email address from now on. Other devices will be signed out.
change-email-button = Use this email address
change-email-busy = Changing your email address…
change-email-expired = This link has expired or was already used. Request a new one.
change-email-elsewhere = To finish, enter this code in the browser where you asked for the change:
change-email-elsewhere-why = Didn't ask for this? Close this page. Without the code nothing changes.
change-email-code = We sent a 6-digit code to <b>{ $email }</b>. Enter it here, or use the link in the email.
change-email-other = We sent a 6-digit code to <b>{ $email }</b>. Enter it in the browser where you asked for the change.
change-email-follow = Follow the link in our email.
change-email-back = Back to email settings

## Forgotten password

forgot-title = Forgot your password?
forgot-lead = Enter your email and we'll send you a reset link.
forgot-no-mail = This shop doesn't send emails. Contact the shop to reset your password.
forgot-button = Send reset link
forgot-busy = Sending…
forgot-back = Back to login

## Reset password

reset-title = Set a new password
reset-hint = At least 8 characters. All devices will be signed out.
reset-follow = Follow the link in our email, or <a>request a new one</a>.
reset-log-in = Log in
reset-done-before = Already set a new password? <a>Log in</a>

## Secure account

secure-title = Secure your account
secure-lead = If this wasn't you, someone may know your password. Securing your account will:
secure-devices = sign out every device, including this one
secure-password = cancel your password and email you a link to set a new one
secure-email = restore your email address if it was changed
secure-button = Secure my account
secure-busy = Securing your account…
secure-taken = Another account uses this email address now, so we can't restore it yet.
secure-taken-next = If that account is yours, <a>log in</a> and change its email address. Then open this link again. If it isn't yours, contact the shop.
secure-expired = This link has expired or was already used.
secure-expired-next = Still worried? <a>Reset your password</a>.
secure-follow = Follow the link in our email.

## Verify email address

verify-title = Verify your email address
verify-code = We sent a 6-digit code to <b>{ $email }</b>. Enter it here, or use the link in the email.
verify-typo = Did you mean <b>{ $email }</b>? <a>Sign up with that address</a>.
verify-button = Verify
verify-busy = Verifying…
verify-again = Didn't get it? Check your spam folder.
verify-again-button = Resend email
verify-expired = This link has expired or was already used.
verify-expired-next = <a>Log in</a> and we'll send a new link if you need one.
verify-follow = Follow the link in our email. It works in any browser.
verify-follow-next = Didn't get an email? <a>Log in</a> and we'll send a new link if you need one.
verify-done = <b>{ $email }</b> is verified.
verify-done-next = Go to your account
verify-no-mail = This shop doesn't send emails, so you don't need to verify your address.
verify-reclaims = You signed up in a different browser. To keep your account safe, set a new password next. All devices will be signed out.
verify-keeps = To keep your password, open the link in the browser where you signed up, or enter the code there.
verify-link-button = Verify my email address

## Success messages

done-password-changed = Your password has been changed, and all other devices are signed out.
done-email-proposed = Check your new inbox. Your current address stays active until you confirm.
done-email-withdrawn = Email change cancelled.
done-email-changed = Your email address has been changed, and all other devices are signed out.
done-account-secured = You're signed out everywhere. We've emailed you a link to set a new password.
done-verification-sent = Sent. Earlier links and codes no longer work.
done-reset-asked = If that address has an account, a link is on its way. It works for 30 minutes.
done-password-reset = Your password has been changed, and all devices are signed out. Log in with your new password.
done-device-signed-out = Signed out. You'll need to log in there again.

## Error pages

not-found-title = Page not found
not-found-lead = We couldn't find that page. Check the address or go back to the home page.
not-found-home = Go to the home page
broken-title = Something went wrong
unavailable-title = We'll be right back
broken-home = Go to the home page

## Development pages

kept-mail = View test emails
dev-mail-title = Test emails
dev-mail-lead = No mail server is configured, so emails are shown here instead of being sent. The latest 50 are kept.
dev-mail-none = No emails yet
dev-mail-none-lead = Emails will appear here. Reload the page to check for new ones.
dev-mail-to = To { $email }

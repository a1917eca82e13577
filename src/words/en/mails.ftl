# Texts of the mails.

mail-hello = Hello { $name },
mail-hello-nobody = Hello,
mail-about = You're receiving this because of your account at { $shop }.
mail-copy = Or copy this link: { $link }
mail-from = { $minute }, from { $address }
mail-device-unknown = Unknown device
mail-log-in = Log in
mail-not-me = This was not me
mail-secure = If this was you, you can ignore this email. If not, secure your account now. The link works for 3 days.
mail-or-link = Or use this link. Both work for 24 hours.

mail-new-device = New login to your account
mail-new-device-what = We noticed a login from a new device:

mail-password-changed = Your password was changed
mail-password-changed-what = Your password was changed, and all other devices were signed out:

mail-email-change-proposed = Someone asked to change your email address
mail-email-change-proposed-what = Someone who is signed in to your account asked to change its email address. Nothing has changed yet:
mail-email-change-proposed-secure = If this was you, you can ignore this email. If not, secure your account now. The link works for 3 days. It signs out all devices, and you set a new password.

mail-email-changed = Your email address was changed
mail-email-changed-what = Your account now uses a different email address. This is our last email to this one.
mail-email-changed-secure = If this was you, you can ignore this email. If not, secure your account now. The link works for 3 days. It restores your email address and signs out all devices, and you set a new password.
mail-email-change-undone = A change of your email address was undone
mail-email-change-undone-what = Your account at { $shop } uses its previous email address again. It no longer uses this one. All devices were signed out, and a new password must be set.
mail-email-change-undone-else = If you did not ask for this, contact { $shop }.

mail-reset-password = Reset your password
mail-reset-password-what = We received a request to reset your password. To set a new one, use this link within 30 minutes:
mail-reset-password-else = Didn't request this? You can ignore this email. The request came from:
mail-reset-password-fear = Think someone got into your account? Sign out all devices:
mail-sign-out-all = Sign out all devices
mail-account-secured-what = Your account is secured: all devices are signed out, and the old password no longer works. To set a new one, use this link within 30 minutes:

mail-verify-email = Verify your email address
mail-verify-email-what = Your { $shop } verification code:
mail-verify-email-button = Verify my email address
mail-verify-email-else = Didn't request this? You can ignore this email. The request came from:

mail-already-customer = You already have an account
mail-already-customer-what = Someone tried to sign up at { $shop } with this email address, but you already have an account. If it was you, log in:
mail-already-customer-forgot = Forgot your password? Reset it within 30 minutes:
mail-already-customer-else = Didn't request this? You can ignore this email. Your account hasn't changed. The request came from:

mail-change-email = Confirm your new email address
mail-change-email-what = Your code to use this email address at { $shop }:
mail-change-email-else = Didn't request this? You can ignore this email. The request came from:

mail-address-taken = This email address is already in use
mail-address-taken-what = You asked to use this email address for your account at { $shop }, but another account already uses it. Log in to that account, or choose a different address:
mail-address-taken-else = Didn't request this? You can ignore this email. The request came from:

# What mails say.

mail-hello = Hello { $name },
mail-hello-nobody = Hello,
mail-about = This is about an account at { $shop }:
mail-copy = Or copy this address: { $link }
mail-from = { $minute }, from { $address }
mail-device-unknown = An unknown device
mail-log-in = Log in
mail-not-me = This was not me
mail-secure = If that was you, all is well. If not, secure your account within three days. It signs all devices out, and you choose a new password.
mail-or-link = Or follow this link. Both are good for a day.

mail-new-device = A login on a new device
mail-new-device-what = Somebody has just logged in to your account on a device that was not used for it before:

mail-password-changed = Your password was changed
mail-password-changed-what = The password of your account was changed, and every other device was signed out:

mail-email-change-proposed = Someone asked to change your email address
mail-email-change-proposed-what = Someone who is signed in to your account asked to use another email address for it. Nothing has changed yet:
mail-email-change-proposed-secure = If this was you, you can ignore this email. If not, secure your account now. The link works for 3 days. It signs out all devices, and you choose a new password.

mail-email-changed = Your email address was changed
mail-email-changed-what = Your account has another email address now. Mail about it goes there from now on; this is the last one to this address:
mail-email-changed-secure = If that was you, all is well. If not, secure your account within three days. It signs all devices out, your address is as before, and you choose a new password.

mail-reset-password = Choose a new password
mail-reset-password-what = Somebody asked for a new password for your account. If that was you, choose one within the next 30 minutes:
mail-reset-password-else = If it was not you, your password stays as it is. It was asked for by:
mail-reset-password-fear = Should you fear that somebody has got into your account, you can sign all devices out:
mail-sign-out-all = Sign all devices out

mail-verify-email = Verify your email address
mail-verify-email-what = Somebody signed up at { $shop } with this address. If that was you, type this code where you did:
mail-verify-email-button = Verify my address
mail-verify-email-else = If it was not you, there is nothing to do: without you, the address is not verified. The sign-up came from:

mail-already-customer = You already have an account
mail-already-customer-what = Somebody signed up at { $shop } with your address, but you have an account there already. If that was you, log in:
mail-already-customer-forgot = Should you have forgotten your password, choose a new one within the next 30 minutes:
mail-already-customer-else = If it was not you, there is nothing to do: nobody got into your account, and nobody was told that there is one. The sign-up came from:

mail-change-email = Use this email address
mail-change-email-what = You want to use this address for your account at { $shop }. Type this code where you asked for it:
mail-change-email-else = If it was not you, there is nothing to do: without you, the address is not used. It was asked for by:

mail-address-taken = This address is in use
mail-address-taken-what = You want to use this address for your account at { $shop }, but it has an account of its own already. Log in to that one, or choose another address:
mail-address-taken-else = If it was not you, there is nothing to do: nobody was told that there is an account. It was asked for by:

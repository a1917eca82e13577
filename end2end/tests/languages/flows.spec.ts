import { expect, newPerson } from "../support.ts";
import { linkTo, siteTitle, test } from "./guest.ts";
import { LANGUAGES } from "./words.ts";

const NEW = "four quiet otters";

for (const { language, locale } of LANGUAGES) {
  test.describe(`in ${language}`, () => {
    test.use({ language, locale, timezoneId: "UTC" });

    test("a visitor signs up, sees their account, leaves, and comes back", async ({ guest, words, complaints, person }) => {
      complaints.allow(/^status 401: POST \/api\/auth\/login$/);
      const { page } = guest;
      await page.goto("/");
      await guest.sees("home-title");
      await expect(guest.main).toContainText(words.say("home-lead"));
      await guest.link("home-sign-up").click();
      await expect(page).toHaveURL("/signup");
      await guest.signUp(person);

      await guest.sees("account-title");
      await expect(guest.main).toContainText(words.say("account-lead", { name: person.name }));
      await expect(guest.main).toContainText(words.say("account-devices-count", { count: 1 }));
      await expect(guest.main).toContainText(words.say("account-password-unchanged"));
      for (const key of ["account-profile", "account-devices", "account-password", "account-activity"]) {
        await expect(page.getByRole("region", { name: words.say(key), exact: true })).toBeVisible();
      }
      await page.goto("/");
      await guest.sees("home-customer-title", "home-customer-heading", { name: person.name });
      await expect(guest.main).toContainText(words.say("home-customer-lead", { email: person.email }));
      await guest.logOut();

      await guest.link("home-log-in").click();
      await guest.typeLogIn({ ...person, password: "a walk by the sea" });
      await expect(page.getByRole("alert")).toContainText(words.say("error-summary"));
      await expect(page.getByRole("alert")).toContainText(words.say("problem-invalid-credentials"));
      await expect(page).toHaveTitle(words.say("error-title", { title: siteTitle(words.say("log-in-title")) }));
      await guest.logIn(person);
    });

    test("what is wrong with a sign-up is said at each field", async ({ guest, words }) => {
      const { page } = guest;
      await page.goto("/signup");
      await guest.formIsReady();
      await guest.field("field-email").fill("nobody");
      await guest.field("field-password").fill("short");
      await guest.button("sign-up-button").click();

      const tooShort = words.say("fault-password-too-short", { least: 8 });
      for (const [key, fault, description = fault] of [
        ["field-name", words.say("fault-name-required")],
        ["field-email", words.say("fault-email")],
        ["field-password", tooShort, `${words.say("sign-up-password-hint")} ${tooShort}`],
      ] as const) {
        await expect(guest.field(key)).toHaveAccessibleDescription(description);
        await expect(page.getByRole("alert").getByRole("link", { name: fault, exact: true })).toBeVisible();
      }
      await expect(page.getByRole("alert")).toContainText(words.say("problem-invalid"));
      await expect(page).toHaveTitle(words.say("error-title", { title: siteTitle(words.say("sign-up-title")) }));
    });

    test("devices and activity are told, and when", async ({ guest, otherGuest, words, scripts, person }) => {
      await guest.signUp(person);
      await (await otherGuest()).logIn(person);

      await guest.section("account-nav-devices").click();
      await guest.sees("devices-title");
      const device = words.say("device", { browser: "Chrome", system: "Linux" });
      const devices = guest.main.getByRole("listitem");
      await expect(devices).toHaveCount(2);
      await expect(devices.filter({ hasText: words.say("devices-this") })).toContainText(device);
      await expect(devices.filter({ hasText: words.say("devices-last-seen") })).toContainText(device);

      await guest.section("account-nav-activity").click();
      await guest.sees("activity-title");
      const happened = guest.main.getByRole("listitem");
      await expect(happened.nth(0)).toContainText(words.say("event-logged-in-on-new-device"));
      await expect(happened.nth(1)).toContainText(words.say("event-signed-up"));
      await expect(happened.nth(1)).toContainText(device);

      const moment = happened.nth(1).getByRole("time");
      const time = new Date((await moment.getAttribute("datetime")) ?? "");
      if (scripts) {
        await expect(moment).toContainText(words.day(time));
        await expect(moment).toContainText(words.clock(time));
      } else {
        await expect(moment).toHaveText(words.minute(time));
      }
    });

    test("a new password is chosen, and a mail reports it", async ({ guest, words, person }) => {
      const { page } = guest;
      await guest.signUp(person);
      await guest.section("account-nav-security").click();
      await guest.sees("security-title");
      await guest.field("field-current-password").fill("a walk by the sea");
      await guest.field("field-new-password").fill(NEW);
      await guest.button("security-button").click();
      await expect(guest.field("field-current-password")).toHaveAccessibleDescription(
        words.say("fault-current-password"),
      );

      await guest.field("field-current-password").fill(person.password);
      await guest.field("field-new-password").fill(NEW);
      await guest.button("security-button").click();
      await expect(guest.toast).toContainText(words.say("done-password-changed"));
      const mail = await guest.mail(person.email, "mail-password-changed");
      await expect(mail).toContainText(words.say("mail-password-changed-what"));
      await page.goto("/account");
      await expect(guest.main).toContainText(words.say("account-password-changed", { day: words.day(new Date()) }));
      await guest.logOut();
      await guest.logIn({ ...person, password: NEW });
    });

    test("a password is confirmed, and another device is signed out", async ({ guest, otherGuest, words, person }) => {
      const { page } = guest;
      await guest.signUp(person);
      const other = await otherGuest();
      await other.logIn(person);

      await page.goto("/account/confirm?next=/account/sessions");
      await guest.sees("confirm-title");
      await guest.field("field-password").fill(person.password);
      await guest.button("confirm-button").click();
      await guest.sees("devices-title");
      const device = words.say("device", { browser: "Chrome", system: "Linux" });
      await guest.button("devices-sign-out-label", { device }).click();
      await expect(guest.toast).toContainText(words.say("done-device-signed-out"));
      await expect(guest.main).toContainText(words.say("devices-only"));

      await other.page.reload();
      await expect(other.page).toHaveURL("/login?next=/account");
      await other.sees("log-in-title");
    });

    test("all other devices are signed out, after a question", async ({
      guest,
      otherGuest,
      words,
      scripts,
      person,
    }) => {
      const { page } = guest;
      await guest.signUp(person);
      const other = await otherGuest();
      await other.logIn(person);

      await page.goto("/account/sessions");
      await guest.button("devices-sign-out-others").click();
      if (scripts) {
        const dialog = page.getByRole("dialog", { name: words.say("devices-sign-out-others-title") });
        await expect(dialog).toContainText(words.say("devices-sign-out-others-lead"));
        await guest.button("cancel").click();
        await expect(dialog).toBeHidden();
        await guest.button("devices-sign-out-others").click();
        await guest.button("devices-sign-out-others-yes").click();
      }
      await expect(guest.main).toContainText(words.say("devices-only"));
      await other.page.reload();
      await expect(other.page).toHaveURL("/login?next=/account");
    });

    test("a customer who forgot their password gets back in by a link", async ({ guest, words, person }) => {
      const { page } = guest;
      await guest.signUp(person);
      await guest.logOut();
      await page.goto("/login");
      await guest.link("log-in-forgot").click();
      await guest.sees("forgot-title");
      await guest.field("field-email").fill(person.email);
      await guest.button("forgot-button").click();
      await expect(guest.toast).toContainText(words.say("done-reset-asked"));

      await guest.link("kept-mail").click();
      await guest.sees("dev-mail-title");
      const mail = await guest.mail(person.email, "mail-reset-password");
      // The address is not verified, so the mail contains nothing that was entered with it.
      await expect(mail).toContainText(words.say("mail-hello-nobody"));
      await expect(mail).not.toContainText(person.name);
      await expect(mail).toContainText(words.say("mail-reset-password-what"));
      await linkTo(mail, "/reset-password").click();
      await guest.sees("reset-title");
      await guest.field("field-new-password").fill(NEW);
      await guest.button("security-button").click();
      await expect(guest.toast).toContainText(words.say("done-password-reset"));
      await guest.link("reset-log-in").click();
      await guest.typeLogIn({ ...person, password: NEW });
      await expect(page).toHaveURL("/account");
    });

    test("an address is changed by the code of a mail", async ({ guest, words, person }) => {
      const { page } = guest;
      const { email } = newPerson();
      await guest.signUp(person);
      await guest.section("account-nav-email").click();
      await guest.sees("email-title");
      await expect(guest.main).toContainText(words.say("email-lead", { email: person.email }));
      await guest.field("field-new-email").fill(email);
      await guest.button("email-button").click();
      await expect(guest.toast).toContainText(words.say("done-email-proposed"));
      await expect(guest.main).toContainText(words.say("email-proposed", { email }));

      const code = await guest.code(email, "mail-change-email");
      await page.goto("/account/email");
      await guest.link("email-proposed").click();
      await guest.sees("change-email-title");
      await guest.field("field-code").fill("12");
      await guest.button("change-email-button").click();
      await expect(guest.field("field-code")).toHaveAccessibleDescription(
        `${words.say("field-code-hint")} ${words.say("fault-code")}`,
      );
      await guest.field("field-code").fill(code);
      await guest.button("change-email-button").click();
      await expect(guest.toast).toContainText(words.say("done-email-changed"));
      const mail = await guest.mail(person.email, "mail-email-changed");
      await expect(mail).toContainText(words.say("mail-email-changed-what"));
      await page.goto("/account");
      await expect(guest.main).toContainText(email);
    });

    test("an address is verified by the code of a mail", async ({ guest, words, person }) => {
      const { page } = guest;
      await guest.signUp(person);
      await expect(guest.main).toContainText(words.say("account-email-unverified"));
      const code = await guest.code(person.email, "mail-verify-email");
      await page.goto("/account");
      await guest.link("account-verify").click();
      await guest.sees("verify-title");
      await expect(guest.main).toContainText(words.say("verify-code", { email: person.email }));
      await guest.field("field-code").fill(code);
      await guest.button("verify-button").click();
      await expect(page).toHaveURL("/account");
      await expect(guest.main).toContainText(words.say("account-email-verified"));
      await expect(guest.main).not.toContainText(words.say("account-email-unverified"));
    });

    test("a customer who did not log in secures their account by the notice", async ({
      guest,
      otherGuest,
      words,
      person,
    }) => {
      await guest.signUp(person);
      const thief = await otherGuest();
      await thief.logIn(person);

      const notice = await guest.mail(person.email, "mail-new-device");
      await expect(notice).toContainText(words.say("mail-new-device-what"));
      await expect(notice).toContainText(words.say("mail-secure"));
      await linkTo(notice, "/secure-account").click();
      await guest.sees("secure-title");
      for (const key of ["secure-lead", "secure-devices", "secure-password", "secure-email"]) {
        await expect(guest.main).toContainText(words.say(key));
      }
      await guest.button("secure-button").click();
      await expect(guest.toast).toContainText(words.say("done-account-secured"));
      await thief.page.reload();
      await expect(thief.page).toHaveURL("/login?next=/account");

      await linkTo(await guest.mail(person.email, "mail-reset-password"), "/reset-password").click();
      await guest.field("field-new-password").fill(NEW);
      await guest.button("security-button").click();
      await expect(guest.toast).toContainText(words.say("done-password-reset"));
      await guest.logIn({ ...person, password: NEW });
    });

    test("where there is nothing, the way back is shown", async ({ guest, words, complaints }) => {
      complaints.allow(/^status 404: GET \/nothing$/);
      await guest.page.goto("/nothing");
      await guest.sees("not-found-title");
      await expect(guest.main).toContainText(words.say("not-found-lead"));
      await guest.link("not-found-home").click();
      await guest.sees("home-title");
    });
  });
}

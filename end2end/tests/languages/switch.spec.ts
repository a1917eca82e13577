import type { Page } from "@playwright/test";

import { expect } from "../support.ts";
import { Guest, siteTitle, test } from "./guest.ts";
import { LANGUAGES, Words } from "./words.ts";

const [ENGLISH, INDONESIAN] = LANGUAGES;

test.use({ language: ENGLISH.language, locale: ENGLISH.locale });

/** Returns the same page with Indonesian texts. */
function inIndonesian(page: Page, scripts: boolean): Guest {
  return new Guest(page, new Words(INDONESIAN.language), scripts);
}

for (const [path, title] of [
  ["/login?next=/account", "log-in-title"],
  ["/signup?next=/account/security", "sign-up-title"],
  ["/forgot-password", "forgot-title"],
  ["/nothing", "not-found-title"],
] as const) {
  test(`the switch at the foot of ${path} says the same page in the other language, and back`, async ({
    guest,
    scripts,
    complaints,
  }) => {
    complaints.allow(/^status 404: GET \/nothing$/);
    const { page } = guest;
    await page.goto(path);
    await guest.sees(title);
    await expect(guest.languageButton(ENGLISH.name)).toHaveAttribute("aria-current", "true");
    await guest.languageButton(INDONESIAN.name).click();
    const other = inIndonesian(page, scripts);
    await other.sees(title);
    await expect(page).toHaveURL(path);
    await expect(other.languageButton(INDONESIAN.name)).toHaveAttribute("aria-current", "true");

    await other.languageButton(ENGLISH.name).click();
    await guest.sees(title);
    await expect(page).toHaveURL(path);
  });
}

test("a browser remembers the language when it is opened again", async ({ guest, scripts, complaints, browser }) => {
  await guest.page.goto("/");
  await guest.languageButton(INDONESIAN.name).click();
  await inIndonesian(guest.page, scripts).sees("home-title");

  const storageState = await guest.page.context().storageState();
  await guest.page.context().close();
  const opened = await browser.newContext({ storageState });
  complaints.watch(opened, scripts);
  const again = inIndonesian(await opened.newPage(), scripts);
  await again.page.goto("/login");
  await again.sees("log-in-title");
  await opened.close();
});

test("the language goes with the account to another browser, and into its mails", async ({
  guest,
  otherGuest,
  scripts,
  person,
}) => {
  await guest.signUp(person);
  await guest.languageButton(INDONESIAN.name).click();
  const here = inIndonesian(guest.page, scripts);
  await here.sees("account-title");

  const laptop = await otherGuest();
  await laptop.logIn(person);
  const there = inIndonesian(laptop.page, scripts);
  await there.sees("account-title");
  await expect((await here.mail(person.email, "mail-new-device")).first()).toContainText(
    here.words.say("mail-new-device-what"),
  );

  // The laptop may be shared, so it returns to its own language after the logout.
  await there.button("nav-log-out").click();
  await laptop.sees("home-title");
});

test("what is answered out of turn is in the chosen language as well", async ({ guest, scripts, complaints }) => {
  complaints.allow(/^status 413: POST \/api\/auth\/login$/);
  const { page } = guest;
  await page.goto("/login");
  await guest.languageButton(INDONESIAN.name).click();
  const other = inIndonesian(page, scripts);
  await other.sees("log-in-title");
  await other.sendsTooMuch();
  await expect(page).toHaveTitle(siteTitle(other.words.say("broken-title")));
  await expect(other.main).toContainText(other.words.say("problem-too-large"));
  await expect(page.locator("html")).toHaveAttribute("lang", INDONESIAN.language);
});

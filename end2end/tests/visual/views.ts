import { request } from "@playwright/test";

import { linkTo, type Guest } from "../languages/guest.ts";
import { expect, newPerson, type Complaints, type Person } from "../support.ts";

const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
  "Version/18.1 Mobile/15E148 Safari/604.1";

export const THEMES = ["light", "dark"] as const;

export interface View {
  name: string;
  /** True if an element covers the bottom of the page. */
  covered?: true;
  show: (guest: Guest, person: Person, complaints: Complaints) => Promise<void>;
}

/** Every page with typical content. */
export const VIEWS: View[] = [
  { name: "home", show: async ({ page }) => void (await page.goto("/")) },
  {
    name: "home-customer",
    show: async (guest, person) => {
      await guest.signUp(person);
      await guest.page.goto("/");
    },
  },
  {
    name: "login",
    show: async (guest) => {
      await guest.page.goto("/login");
      await guest.formIsReady();
    },
  },
  {
    name: "signup",
    show: async (guest) => {
      await guest.page.goto("/signup");
      await guest.formIsReady();
    },
  },
  {
    name: "signup-faults",
    show: async (guest, person) => {
      await guest.page.goto("/signup");
      await guest.formIsReady();
      await guest.field("field-name").fill(person.name);
      await guest.field("field-email").fill("ada@shop");
      await guest.field("field-password").fill("river");
      await guest.button("sign-up-button").click();
      await expect(guest.page.getByRole("alert")).toBeFocused();
      await expect(guest.main).toContainText(guest.words.say("password-strength"));
    },
  },
  { name: "account", show: showAccount },
  { name: "sessions", show: (guest, person) => showSection(guest, person, "account-nav-devices") },
  {
    name: "sessions-question",
    covered: true,
    show: async (guest, person) => {
      await showSection(guest, person, "account-nav-devices");
      await guest.button("devices-sign-out-others").click();
      await expect(guest.page.getByRole("dialog")).toBeVisible();
    },
  },
  { name: "activity", show: (guest, person) => showSection(guest, person, "account-nav-activity") },
  { name: "security", show: (guest, person) => showSection(guest, person, "account-nav-security") },
  { name: "email", show: (guest, person) => showSection(guest, person, "account-nav-email") },
  {
    name: "email-proposed",
    covered: true,
    show: async (guest, person) => void (await proposeAddress(guest, person)),
  },
  {
    name: "confirm",
    show: async (guest, person) => {
      await guest.signUp(person);
      await guest.page.goto("/account/confirm?next=/account/sessions");
    },
  },
  { name: "forgot-password", show: async ({ page }) => void (await page.goto("/forgot-password")) },
  {
    name: "reset-password",
    show: async (guest, person) => {
      await guest.signUp(person);
      await guest.logOut();
      await guest.page.goto("/forgot-password");
      await guest.field("field-email").fill(person.email);
      await guest.button("forgot-button").click();
      await expect(guest.toast).toBeVisible();
      await linkTo(await guest.mail(person.email, "mail-reset-password"), "/reset-password").click();
      await guest.sees("reset-title");
    },
  },
  {
    name: "verify-email",
    show: async (guest, person) => {
      await guest.signUp(person);
      await guest.link("account-verify").click();
      await guest.sees("verify-title");
    },
  },
  {
    name: "change-email",
    show: async (guest, person) => {
      const email = await proposeAddress(guest, person);
      await linkTo(await guest.mail(email, "mail-change-email"), "/change-email").click();
      await guest.sees("change-email-title");
    },
  },
  {
    name: "secure-account",
    show: async (guest, person) => {
      await showAccount(guest, person);
      await linkTo(await guest.mail(person.email, "mail-new-device"), "/secure-account").click();
      await guest.sees("secure-title");
    },
  },
  {
    name: "dev-mail",
    show: async (guest, person) => {
      await showAccount(guest, person);
      await guest.mail(person.email, "mail-new-device");
      // Hides the mail of other tests, whose number varies.
      await guest.main
        .getByRole("listitem")
        .evaluateAll((mails, mine) => {
          for (const mail of mails) if (!mail.textContent.includes(mine)) mail.remove();
        }, person.email);
    },
  },
  { name: "dev-design", show: async ({ page }) => void (await page.goto("/dev/design")) },
  {
    name: "not-found",
    show: async ({ page }, _person, complaints) => {
      complaints.allow(/^status 404: GET \/nothing$/);
      await page.goto("/nothing");
    },
  },
  {
    name: "error",
    show: async (guest, _person, complaints) => {
      complaints.allow(/^status 413: POST \/api\/auth\/login$/);
      await guest.page.goto("/login");
      await guest.formIsReady();
      await guest.sendsTooMuch();
    },
  },
];

/** Opens the account of a person who has just logged in on a phone as well. */
async function showAccount(guest: Guest, person: Person): Promise<void> {
  await guest.signUp(person);
  const phone = await request.newContext({ baseURL: new URL(guest.page.url()).origin, userAgent: PHONE });
  const answer = await phone.post("/api/auth/login", { data: person });
  expect(answer.ok()).toBe(true);
  await phone.dispose();
  await guest.page.goto("/account");
}

async function showSection(guest: Guest, person: Person, key: string): Promise<void> {
  await showAccount(guest, person);
  await guest.section(key).click();
  await expect(guest.section(key)).toHaveAttribute("aria-current", "page");
}

/** Requests another address, and returns it. */
async function proposeAddress(guest: Guest, person: Person): Promise<string> {
  const email = newPerson().email.replace("@shop", "@home");
  await showSection(guest, person, "account-nav-email");
  await guest.field("field-new-email").fill(email);
  await guest.button("email-button").click();
  await expect(guest.toast).toBeVisible();
  return email;
}

/** Replaces values that differ between runs: random values and times. */
export async function settle(guest: Guest): Promise<void> {
  const { page, words } = guest;
  const then = new Date("2026-11-27T13:02:00Z");
  await page.mouse.move(0, 0);
  await page.evaluate(
    async ({ day, minute }) => {
      const always = (text: string): string =>
        text
          .replace(/ada\.[\da-f-]{36}@/g, "ada@")
          .replace(/localhost:\d+/g, "localhost:3000")
          .replace(/(?<=token=)[\w-]+/g, (token) => "Yq3x0LZ9".repeat(99).slice(0, token.length))
          .replace(/^( {2})\d{6}$/gm, "$1314159")
          .replace(/\d{1,2} \p{L}+ \d{4}\D+\d\d[:.]\d\d UTC/gu, minute);
      // Each word of a mail is a text of its own.
      for (const mail of document.querySelectorAll("pre")) {
        for (const node of [...mail.childNodes]) if (node.nodeType === Node.COMMENT_NODE) node.remove();
        mail.normalize();
      }
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const { currentNode: text } = texts;
        const said = always(text.nodeValue ?? "");
        if (said !== text.nodeValue) text.nodeValue = said;
      }
      for (const time of document.querySelectorAll<HTMLElement>("time")) {
        time.textContent = time.dataset["shown"] === "day" ? day : minute.replace(" UTC", "");
      }
      await document.fonts.ready;
    },
    { day: words.day(then), minute: words.minute(then) },
  );
}

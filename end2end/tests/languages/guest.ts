import type { Locator, Page } from "@playwright/test";

import { expect, test as base, type Person } from "../support.ts";
import { Words, type Language } from "./words.ts";

/** A page in the language of `words`: elements are found by their text in that language. */
export class Guest {
  constructor(
    readonly page: Page,
    readonly words: Words,
    private readonly scripts: boolean,
  ) {}

  get main(): Locator {
    return this.page.getByRole("main");
  }

  /** The confirmation of an action. */
  get toast(): Locator {
    return this.page.locator("[role=status][autofocus]");
  }

  field(key: string): Locator {
    return this.page.getByLabel(this.words.say(key), { exact: true });
  }

  button(key: string, values = {}): Locator {
    return this.page.getByRole("button", { name: this.words.say(key, values), exact: true });
  }

  /** Returns a link that is a whole text, or the link within a longer text. */
  link(key: string): Locator {
    const name = this.words.hasLink(key) ? this.words.link(key) : this.words.say(key);
    return this.main.getByRole("link", { name, exact: true });
  }

  /** Returns a link in the account's navigation. */
  section(key: string): Locator {
    const navigation = this.page.getByRole("navigation", { name: this.words.say("account-nav"), exact: true });
    return navigation.getByRole("link", { name: this.words.say(key), exact: true });
  }

  languageButton(name: string): Locator {
    return this.page.getByRole("form", { name: this.words.say("language") }).getByRole("button", { name });
  }

  /** Checks that the page with this title is shown in this language. */
  async sees(titleKey: string, headingKey = titleKey, values = {}): Promise<void> {
    await expect(this.page).toHaveTitle(siteTitle(this.words.say(titleKey)));
    await expect(this.page.getByRole("heading", { level: 1 })).toHaveText(this.words.say(headingKey, values));
    await expect(this.page.locator("html")).toHaveAttribute("lang", this.words.language);
  }

  /** Waits until the form is hydrated, if scripts are enabled. */
  async formIsReady(): Promise<void> {
    if (this.scripts) await expect(this.page.locator("html")).toHaveAttribute("data-alive");
  }

  async signUp({ name, email, password }: Person): Promise<void> {
    await this.page.goto("/signup");
    await this.formIsReady();
    await this.sees("sign-up-title");
    await this.field("field-name").fill(name);
    await this.field("field-email").fill(email);
    await this.field("field-password").fill(password);
    await this.button("sign-up-button").click();
    await expect(this.page).toHaveURL("/account");
  }

  async typeLogIn({ email, password }: Omit<Person, "name">): Promise<void> {
    await this.formIsReady();
    await this.sees("log-in-title");
    await this.field("field-email").fill(email);
    await this.field("field-password").fill(password);
    await this.button("log-in-button").click();
  }

  async logIn(person: Omit<Person, "name">): Promise<void> {
    await this.page.goto("/login");
    await this.typeLogIn(person);
    await expect(this.page).toHaveURL("/account");
  }

  async logOut(): Promise<void> {
    await this.button("nav-log-out").click();
    await expect(this.page).toHaveURL("/");
    await this.sees("home-title");
  }

  /** Submits a form that exceeds the size limit. */
  async sendsTooMuch(): Promise<void> {
    const answered = this.page.waitForURL("/api/auth/login");
    await this.page.evaluate(() => {
      const form = Object.assign(document.createElement("form"), { method: "post", action: "/api/auth/login" });
      form.append(Object.assign(document.createElement("input"), { name: "email", value: "x".repeat(70_000) }));
      document.body.append(form);
      form.submit();
    });
    await answered;
  }

  /** Waits for the latest mail to this address with this subject. */
  async mail(to: string, subjectKey: string): Promise<Locator> {
    const mail = this.main
      .getByRole("listitem")
      .filter({ has: this.page.getByRole("heading", { name: this.words.say(subjectKey), exact: true }) })
      .filter({ hasText: this.words.say("dev-mail-to", { email: to }) })
      .first();
    await expect(async () => {
      await this.page.goto("/dev/mail");
      await expect(mail).toBeVisible({ timeout: 1 });
    }).toPass();
    return mail;
  }

  /** Returns the six-digit code of such a mail. */
  async code(to: string, subjectKey: string): Promise<string> {
    const text = await (await this.mail(to, subjectKey)).innerText();
    return /^ {2}(\d{6})$/m.exec(text)?.[1] ?? "";
  }
}

export function siteTitle(title: string): string {
  return `${title} · Doorstep`;
}

/** Returns the link to this page in a mail. */
export function linkTo(mail: Locator, path: string): Locator {
  return mail.getByRole("link", { name: `${path}?token=` });
}

interface Fixtures {
  /** The language that the test's browser requests. */
  language: Language;
  words: Words;
  guest: Guest;
  /** Another device of the same person. */
  otherGuest: () => Promise<Guest>;
}

export const test = base.extend<Fixtures>({
  language: ["en", { option: true }],

  words: async ({ language }, use) => {
    await use(new Words(language));
  },

  guest: async ({ page, words, scripts }, use) => {
    await use(new Guest(page, words, scripts));
  },

  otherGuest: async ({ anotherDevice, words, scripts }, use) => {
    await use(async () => new Guest((await anotherDevice()).page, words, scripts));
  },
});

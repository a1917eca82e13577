import { randomUUID } from "node:crypto";

import { expect, test as base, type BrowserContext, type Locator, type Page } from "@playwright/test";

export { expect };

/** Somebody who may become a customer. */
export interface Person {
  name: string;
  email: string;
  password: string;
}

/** Where a form lives in the browser, once its WebAssembly is there. */
const LIVING_FORMS = ["/login", "/signup"];

/** A page, seen as a person sees it: by labels and roles. */
export class Visitor {
  readonly name: Locator;
  readonly email: Locator;
  readonly password: Locator;
  readonly alert: Locator;
  /** Word of what was done. */
  readonly toast: Locator;
  readonly main: Locator;
  readonly createAccount: Locator;
  readonly logInButton: Locator;
  readonly logOutButton: Locator;
  readonly showPassword: Locator;

  constructor(
    readonly page: Page,
    private readonly scripts: boolean,
  ) {
    this.name = page.getByLabel("Name", { exact: true });
    this.email = page.getByLabel("Email address", { exact: true });
    this.password = page.getByLabel("Password", { exact: true });
    this.alert = page.getByRole("alert");
    this.toast = page.getByRole("status").filter({ has: page.getByRole("paragraph") });
    this.main = page.getByRole("main");
    this.createAccount = page.getByRole("button", { name: "Create account" });
    this.logInButton = page.getByRole("button", { name: "Log in" });
    this.logOutButton = page.getByRole("button", { name: "Log out" });
    this.showPassword = page.getByRole("button", { name: /^Show .*password$/i });
  }

  /** Opens a page with a form, ready to be filled in. */
  async openForm(path: string): Promise<void> {
    await this.page.goto(path);
    await this.formIsReady();
  }

  /** With scripts, a form that lives in the browser says that it is alive; any other offers to show its password. */
  async formIsReady(): Promise<void> {
    if (!this.scripts) return;
    if (LIVING_FORMS.includes(new URL(this.page.url()).pathname)) {
      await expect(this.page.locator("html")).toHaveAttribute("data-alive");
    } else {
      await expect(this.showPassword.first()).toBeVisible();
    }
  }

  /** The form was sent and came back: it says what is wrong, at its top and in the title, and has the focus there. */
  async isTold(...messages: (string | RegExp)[]): Promise<void> {
    await expect(this.alert).toBeFocused();
    await expect(this.alert).toContainText("There is a problem");
    for (const message of messages) await expect(this.alert.getByText(message)).toBeVisible();
    await expect(this.page).toHaveTitle(/^Error: /);
  }

  async fillSignUp({ name, email, password }: Person): Promise<void> {
    await this.name.fill(name);
    await this.email.fill(email);
    await this.password.fill(password);
  }

  async fillLogIn({ email, password }: Omit<Person, "name">): Promise<void> {
    await this.email.fill(email);
    await this.password.fill(password);
  }

  /** Becomes a customer without the way there: no page is opened. */
  async become(person: Person): Promise<void> {
    // What is asked for outside of a page does not say by itself which language its browser speaks.
    const language = await this.page.evaluate(() => navigator.language);
    const headers = { "Accept-Language": language };
    const answer = await this.page.request.post("/api/auth/signup", { data: person, headers });
    expect(answer.status()).toBe(201);
  }

  /** The same person logs in elsewhere, in a browser of their own that is not looked at. */
  async logInElsewhere(person: Person, userAgent?: string): Promise<void> {
    const elsewhere = await this.page.context().browser()?.newContext(userAgent === undefined ? {} : { userAgent });
    const answer = await elsewhere?.request.post("/api/auth/login", { data: person });
    expect(answer?.status()).toBe(200);
    await elsewhere?.close();
  }

  /** Becomes a customer, and is on the account's page. */
  async signUp(person: Person): Promise<void> {
    await this.openForm("/signup");
    await this.fillSignUp(person);
    await this.createAccount.click();
    await this.isAt("/account");
  }

  /** Comes back as a customer, and is on the account's page. */
  async logIn(person: Omit<Person, "name">): Promise<void> {
    await this.openForm("/login");
    await this.fillLogIn(person);
    await this.logInButton.click();
    await this.isAt("/account");
  }

  async logOut(): Promise<void> {
    await this.logOutButton.click();
    await this.isAt("/");
    await this.isSignedOut();
  }

  /** The address is `path`, its query included. */
  async isAt(path: string): Promise<void> {
    await expect(this.page).toHaveURL(path);
  }

  async isSignedIn(): Promise<void> {
    await expect(this.logOutButton).toBeVisible();
  }

  async isSignedOut(): Promise<void> {
    await expect(this.page.getByRole("navigation").getByRole("link", { name: "Log in" })).toBeVisible();
    await expect(this.logOutButton).toBeHidden();
  }

  /** Neither is anything of `person` shown, nor hidden in the document. */
  async seesNothingOf({ name, email, password }: Person): Promise<void> {
    const document = await this.page.content();
    for (const secret of [name, email, password]) expect(document).not.toContain(secret);
  }
}

/** What a page is made of, besides itself. */
const FILES = new RegExp(
  [
    String.raw`^/pkg/[^/]+$`,
    String.raw`^/site\.webmanifest$`,
    // As a debug build names them, which reads them from a folder.
    String.raw`^/(page|password|tabs|zxcvbn)\.js$`,
    String.raw`^/young-serif\.woff2$`,
    String.raw`^/(favicon\.svg|apple-touch-icon\.png|icon-\w+\.png)$`,
  ].join("|"),
);

/** What browsers complain of. A test fails on anything that it did not announce by {@link allow}. */
export class Complaints {
  private readonly found: string[] = [];
  private readonly allowed: RegExp[] = [];
  private over = false;

  /** `complaint` belongs to what the test does; whether a browser makes it may depend on scripts. */
  allow(complaint: RegExp): void {
    this.allowed.push(complaint);
  }

  /** What happens from now on happens since the browser is closed. */
  stop(): void {
    this.over = true;
  }

  watch(context: BrowserContext, scripts: boolean): void {
    context.on("console", (message) => {
      const isComplaint = ["error", "warning"].includes(message.type());
      // What follows from a status or from a lost request is heard below, with the request.
      const isEcho = message.text().startsWith("Failed to load resource:");
      // A browser that is told to fetch the WebAssembly early, and then runs no scripts.
      const isOff = !scripts && /\.wasm was preloaded using link preload but not used/.test(message.text());
      if (isComplaint && !isEcho && !isOff) {
        this.note(`console: ${message.text()} (${message.location().url})`);
      }
    });
    context.on("weberror", (error) => {
      this.note(`page error: ${error.error().message}`);
    });
    context.on("dialog", (dialog) => {
      this.note(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    context.on("response", (response) => {
      const request = response.request();
      if (response.status() >= 400) {
        this.note(`status ${response.status()}: ${request.method()} ${pathOf(request.url())}`);
      }
    });
    context.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "";
      const path = pathOf(request.url());
      // A page that is left before all its files are there drops the rest.
      const isDropped = reason === "net::ERR_ABORTED" && FILES.test(path);
      // Chromium's words for a script that it does not ask for since scripts are off.
      const isOff = !scripts && reason === "csp" && /^\/(pkg\/[^/]+|page|password|tabs)\.js$/.test(path);
      if (!isDropped && !isOff) this.note(`failed: ${request.method()} ${path} ${reason}`);
    });
  }

  private note(complaint: string): void {
    if (!this.over) this.found.push(complaint);
  }

  unexpected(): string[] {
    return this.found.filter((complaint) => !this.allowed.some((pattern) => pattern.test(complaint)));
  }
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

interface Fixtures {
  /** Heard of every context of the test; none may be left at its end. */
  complaints: Complaints;
  /** Whether pages run scripts. */
  scripts: boolean;
  /** The test's own person, who is no customer yet. */
  person: Person;
  visitor: Visitor;
  /** Another browser, with nothing in it. */
  anotherDevice: () => Promise<Visitor>;
}

export const test = base.extend<Fixtures>({
  complaints: async ({}, use) => {
    const complaints = new Complaints();
    await use(complaints);
    expect(complaints.unexpected(), "what the browser complained of").toEqual([]);
  },

  context: async ({ context, complaints, scripts }, use) => {
    complaints.watch(context, scripts);
    await use(context);
    complaints.stop();
  },

  scripts: async ({ javaScriptEnabled }, use) => {
    await use(javaScriptEnabled ?? true);
  },

  person: async ({}, use) => {
    await use(newPerson());
  },

  visitor: async ({ page, scripts }, use) => {
    await use(new Visitor(page, scripts));
  },

  anotherDevice: async ({ browser, complaints, scripts }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext();
      complaints.watch(context, scripts);
      contexts.push(context);
      return new Visitor(await context.newPage(), scripts);
    });
    complaints.stop();
    await Promise.all(contexts.map((context) => context.close()));
  },
});

/** Somebody whose address nobody else has. */
export function newPerson(): Person {
  return {
    name: "Ada Lovelace",
    email: `ada.${randomUUID()}@shop.example`,
    password: "a long walk by the river",
  };
}

/** A door that is closed until somebody opens it. */
export function door(): { open: () => void; opened: Promise<void> } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/**
 * How an element changes from now on, told by its page: one that is about to be left answers no questions any more, but
 * is still looked at by whoever waits.
 */
export async function watch(page: Page, selector: string): Promise<string[]> {
  const seen: string[] = [];
  await page.exposeFunction("tell", (html: string) => void seen.push(html));
  await page.evaluate((selector) => {
    const element = document.querySelector(selector);
    if (!element) throw new Error(`no ${selector}`);
    const { tell } = window as unknown as { tell: (html: string) => void };
    const observer = new MutationObserver(() => tell(element.outerHTML));
    observer.observe(element, { attributes: true, childList: true });
  }, selector);
  return seen;
}

import { randomUUID } from "node:crypto";

import { expect, test as base, type BrowserContext, type Locator, type Page } from "@playwright/test";

export { expect };

/** The data of a person who may sign up. */
export interface Person {
  name: string;
  email: string;
  password: string;
}

/** The pages whose form is hydrated by WebAssembly. */
const LIVING_FORMS = ["/login", "/signup"];

/** A page as a person uses it: elements are found by labels and roles. */
export class Visitor {
  readonly name: Locator;
  readonly email: Locator;
  readonly password: Locator;
  readonly alert: Locator;
  /** The confirmation of an action. */
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

  /** Opens a page with a form, and waits until the form is ready. */
  async openForm(path: string): Promise<void> {
    await this.page.goto(path);
    await this.formIsReady();
  }

  /**
   * Waits until the form is ready. With scripts, hydrated forms are marked, and others show the button for the
   * password.
   */
  async formIsReady(): Promise<void> {
    if (!this.scripts) return;
    if (LIVING_FORMS.includes(new URL(this.page.url()).pathname)) {
      await expect(this.page.locator("html")).toHaveAttribute("data-alive");
    } else {
      await expect(this.showPassword.first()).toBeVisible();
    }
  }

  /** Checks that the form was sent and returned with these errors, in the title and in the summary, which has the focus. */
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

  /** Signs up through the API, without opening a page. */
  async become(person: Person): Promise<void> {
    // Requests outside of a page do not send the browser's language by themselves.
    const language = await this.page.evaluate(() => navigator.language);
    const headers = { "Accept-Language": language };
    const answer = await this.page.request.post("/api/auth/signup", { data: person, headers });
    expect(answer.status()).toBe(201);
  }

  /** Logs the same person in from another browser, through the API. */
  async logInElsewhere(person: Person, userAgent?: string): Promise<void> {
    const elsewhere = await this.page.context().browser()?.newContext(userAgent === undefined ? {} : { userAgent });
    const answer = await elsewhere?.request.post("/api/auth/login", { data: person });
    expect(answer?.status()).toBe(200);
    await elsewhere?.close();
  }

  /** Signs up, and waits for the account page. */
  async signUp(person: Person): Promise<void> {
    await this.openForm("/signup");
    await this.fillSignUp(person);
    await this.createAccount.click();
    await this.isAt("/account");
  }

  /** Logs in, and waits for the account page. */
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

  /** Checks that the address is `path`, including its query. */
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

  /** Checks that nothing of `person` is shown or hidden in the document. */
  async seesNothingOf({ name, email, password }: Person): Promise<void> {
    const document = await this.page.content();
    for (const secret of [name, email, password]) expect(document).not.toContain(secret);
  }
}

/** The files of a page. */
const FILES = new RegExp(
  [
    String.raw`^/pkg/[^/]+$`,
    String.raw`^/site\.webmanifest$`,
    // The names in a debug build, which reads the files from a folder.
    String.raw`^/(page|password|tabs|zxcvbn)\.js$`,
    String.raw`^/young-serif\.woff2$`,
    String.raw`^/(favicon\.svg|apple-touch-icon\.png|icon-\w+\.png)$`,
  ].join("|"),
);

/** The errors that browsers report. A test fails on any that it has not announced by {@link allow}. */
export class Complaints {
  private readonly found: string[] = [];
  private readonly allowed: RegExp[] = [];
  private over = false;

  /** Expects `complaint`. It is optional, since it may depend on scripts. */
  allow(complaint: RegExp): void {
    this.allowed.push(complaint);
  }

  /** Ignores errors from now on, because the browser is closing. */
  stop(): void {
    this.over = true;
  }

  watch(context: BrowserContext, scripts: boolean): void {
    context.on("console", (message) => {
      const isComplaint = ["error", "warning"].includes(message.type());
      // The failed request itself is handled below.
      const isEcho = message.text().startsWith("Failed to load resource:");
      // A browser that preloads the WebAssembly and has scripts disabled.
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
      // Leaving a page before its files are loaded cancels their requests.
      const isDropped = reason === "net::ERR_ABORTED" && FILES.test(path);
      // Chromium's message for a script that it does not request because scripts are disabled.
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
  /** The errors of all contexts of the test. None may be left at its end. */
  complaints: Complaints;
  /** True if pages run scripts. */
  scripts: boolean;
  /** The test's person, who has not signed up yet. */
  person: Person;
  visitor: Visitor;
  /** Returns another browser without any state. */
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

/** Returns a person with a unique address. */
export function newPerson(): Person {
  return {
    name: "Ada Lovelace",
    email: `ada.${randomUUID()}@shop.example`,
    password: "a long walk by the river",
  };
}

/** Returns a gate that is closed until `open` is called. */
export function door(): { open: () => void; opened: Promise<void> } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/**
 * Returns the changes of an element from now on, as its page reports them. The page may be about to navigate, when it
 * answers no queries although it is still visible.
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

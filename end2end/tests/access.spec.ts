import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { walkThrough } from "./keyboard.ts";
import { expect, newPerson, test, type Complaints, type Person, type Visitor } from "./support.ts";

const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function expectNoViolations(page: Page): Promise<void> {
  const rules = { "label-content-name-mismatch": { enabled: true } };
  const { violations, passes } = await new AxeBuilder({ page })
    .options({ runOnly: STANDARDS, rules })
    .analyze();
  const found = violations.map(({ id, nodes }) => ({ id, html: nodes.map((node) => node.html) }));
  expect(found).toEqual([]);
  expect(passes.map(({ id }) => id)).toEqual(expect.arrayContaining(["color-contrast", "target-size"]));
}

interface View {
  what: string;
  /** In English. */
  title: string;
  /** Opens the view in any language: finds nothing by its text. */
  show: (visitor: Visitor, person: Person, complaints: Complaints) => Promise<void>;
}

/** Submits the form of a page. */
async function send(page: Page): Promise<void> {
  await page.getByRole("main").locator("form button[type=submit]").first().click();
}

/** Fills in fields by their ids, and submits the form. */
async function sendWith(page: Page, typed: Record<string, string>): Promise<void> {
  for (const [id, text] of Object.entries(typed)) await page.locator(`#${id}`).fill(text);
  await send(page);
}

async function isRefused({ alert }: Visitor): Promise<void> {
  await expect(alert).toBeFocused();
}

async function isDone({ toast }: Visitor): Promise<void> {
  await expect(toast).toBeFocused();
}

/** Opens a page as a signed-in customer. */
async function openAs(visitor: Visitor, person: Person, path: string): Promise<void> {
  await visitor.become(person);
  await visitor.page.goto(path);
}

/** Returns the link to this page in a mail to this address, from the development mailbox. */
async function mailedLink({ request }: Page, email: string, path: string): Promise<string> {
  const find = async (): Promise<string | undefined> => {
    const page = await (await request.get("/dev/mail")).text();
    const mail = page.split("<li>").find((item) => item.includes(email) && item.includes(`${path}?`));
    return new RegExp(`${path}\\?token=[\\w-]+`).exec(mail ?? "")?.[0];
  };
  await expect.poll(find, { message: `a link to ${path} for ${email}` }).toBeDefined();
  return (await find()) ?? "";
}

/** Opens the page for choosing a new password, with the link of a mail. */
async function followReset(visitor: Visitor, person: Person): Promise<void> {
  const { page } = visitor;
  await visitor.become(person);
  await page.context().clearCookies();
  await page.request.post("/api/auth/forgot-password", { data: { email: person.email } });
  await page.goto(await mailedLink(page, person.email, "/reset-password"));
}

/** Requests another address, and returns it. */
async function proposeEmail(visitor: Visitor, person: Person): Promise<string> {
  const { email } = newPerson();
  await openAs(visitor, person, "/account/email");
  await sendWith(visitor.page, { email });
  await isDone(visitor);
  return email;
}

/** Opens the page that secures an account, with the link of a notice. */
async function followNotice(visitor: Visitor, person: Person): Promise<void> {
  const { page } = visitor;
  await visitor.become(person);
  await visitor.logInElsewhere(person);
  await page.goto(await mailedLink(page, person.email, "/secure-account"));
}

/** A token that was not issued here. */
const NO_TOKEN = "x".repeat(43);
const TOO_LONG = { name: "Ada", email: "nobody".repeat(20), password: "short" };
const LONG_NAME = "x".repeat(100);

/** Every page in each of its states. */
const VIEWS: View[] = [
  {
    what: "the start",
    title: "Welcome · Doorstep",
    show: async ({ page }) => void (await page.goto("/")),
  },
  {
    what: "the sign-up",
    title: "Create your account · Doorstep",
    show: (visitor) => visitor.openForm("/signup"),
  },
  {
    what: "a sign-up that is filled in, with a slip, a weak password that is shown, and Caps Lock",
    title: "Create your account · Doorstep",
    show: async (visitor, { name }) => {
      const { page } = visitor;
      await visitor.openForm("/signup");
      const password = page.locator("#password");
      await page.locator("#name").fill(name);
      await page.locator("#email").fill(`${"ada".repeat(15)}@gmial.com`);
      await password.fill("password1");
      await expect(page.locator("#email-suggestion")).toBeVisible();
      await page.locator("main .reveal").click();
      await expect(password).toHaveAttribute("type", "text");
      await password.dispatchEvent("keydown", { modifierCapsLock: true });
      await expect(page.locator("main .caps-lock")).toBeVisible();
      await expect(page.locator("main .strength")).toHaveAttribute("data-score");
    },
  },
  {
    what: "a sign-up with faults",
    title: "Error: Create your account · Doorstep",
    show: async (visitor) => {
      await visitor.openForm("/signup");
      await sendWith(visitor.page, TOO_LONG);
      await isRefused(visitor);
    },
  },
  {
    what: "a plain sign-up with faults",
    title: "Error: Create your account · Doorstep",
    show: async (visitor, _person, complaints) => {
      complaints.allow(/\.wasm|^page error: Failed to fetch$/);
      await visitor.page.route("**/*.wasm", (route) => route.abort());
      await visitor.page.goto("/signup");
      await sendWith(visitor.page, TOO_LONG);
      await isRefused(visitor);
    },
  },
  {
    what: "the login",
    title: "Log in · Doorstep",
    show: (visitor) => visitor.openForm("/login"),
  },
  {
    what: "a login that failed",
    title: "Error: Log in · Doorstep",
    show: async (visitor, { email, password }, complaints) => {
      complaints.allow(/^status 401: POST \/api\/auth\/login$/);
      await visitor.openForm("/login");
      await sendWith(visitor.page, { email, password });
      await isRefused(visitor);
    },
  },
  {
    what: "the start of a customer",
    title: "Welcome back · Doorstep",
    show: (visitor, person) => openAs(visitor, { ...person, name: LONG_NAME }, "/"),
  },
  {
    what: "the account",
    title: "Your account · Doorstep",
    show: (visitor, person) => openAs(visitor, { ...person, name: LONG_NAME }, "/account"),
  },
  {
    what: "the one device",
    title: "Your devices · Doorstep",
    show: (visitor, person) => openAs(visitor, person, "/account/sessions"),
  },
  {
    what: "the devices",
    title: "Your devices · Doorstep",
    show: async (visitor, person) => {
      await visitor.become(person);
      await visitor.logInElsewhere(person);
      await visitor.page.goto("/account/sessions");
      await expect(visitor.main.getByRole("listitem")).toHaveCount(2);
    },
  },
  {
    what: "the question before all other devices are signed out",
    title: "Your devices · Doorstep",
    show: async (visitor, person) => {
      await visitor.become(person);
      await visitor.logInElsewhere(person);
      await visitor.page.goto("/account/sessions");
      await visitor.page.locator("form[data-confirm] button").click();
      await expect(visitor.page.getByRole("dialog")).toBeVisible();
    },
  },
  {
    what: "the devices, one signed out",
    title: "Your devices · Doorstep",
    show: async (visitor, person) => {
      await visitor.become(person);
      await visitor.logInElsewhere(person);
      await visitor.page.goto("/account/sessions");
      await send(visitor.page);
      await isDone(visitor);
    },
  },
  {
    what: "the activity",
    title: "Activity · Doorstep",
    show: async (visitor, person) => {
      await visitor.become(person);
      await visitor.logInElsewhere(person);
      await visitor.page.goto("/account/activity");
      await expect(visitor.main.getByRole("listitem")).toHaveCount(2);
    },
  },
  {
    what: "the change of a password",
    title: "Change your password · Doorstep",
    show: (visitor, person) => openAs(visitor, person, "/account/security"),
  },
  {
    what: "a change of a password with faults",
    title: "Error: Change your password · Doorstep",
    show: async (visitor, person) => {
      await openAs(visitor, person, "/account/security");
      await send(visitor.page);
      await isRefused(visitor);
    },
  },
  {
    what: "a password that was changed",
    title: "Change your password · Doorstep",
    show: async (visitor, person) => {
      await openAs(visitor, person, "/account/security");
      await sendWith(visitor.page, { current_password: person.password, password: "four quiet otters" });
      await isDone(visitor);
    },
  },
  {
    what: "the confirmation of a password",
    title: "Confirm it's you · Doorstep",
    show: (visitor, person) => openAs(visitor, person, "/account/confirm?next=/account/sessions"),
  },
  {
    what: "a confirmation with the wrong password",
    title: "Error: Confirm it's you · Doorstep",
    show: async (visitor, person) => {
      await openAs(visitor, person, "/account/confirm?next=/account/sessions");
      await sendWith(visitor.page, { current_password: "a walk by the sea" });
      await isRefused(visitor);
    },
  },
  {
    what: "the email address",
    title: "Your email address · Doorstep",
    show: async (visitor, person) => {
      await openAs(visitor, person, "/account/email");
      await expect(visitor.page.locator("#email")).toBeVisible();
    },
  },
  {
    what: "a change of the email address with a fault",
    title: "Error: Your email address · Doorstep",
    show: async (visitor, person) => {
      await openAs(visitor, person, "/account/email");
      await sendWith(visitor.page, { email: person.email });
      await isRefused(visitor);
    },
  },
  {
    what: "an email address that waits",
    title: "Your email address · Doorstep",
    show: async (visitor, person) => {
      const email = await proposeEmail(visitor, person);
      await expect(visitor.main).toContainText(email);
    },
  },
  {
    what: "the forgotten password",
    title: "Forgot your password? · Doorstep",
    show: async ({ page }) => void (await page.goto("/forgot-password")),
  },
  {
    what: "a forgotten password with a fault",
    title: "Error: Forgot your password? · Doorstep",
    show: async (visitor) => {
      await visitor.page.goto("/forgot-password");
      await sendWith(visitor.page, { email: "nobody" });
      await isRefused(visitor);
    },
  },
  {
    what: "a forgotten password, with a link on its way",
    title: "Forgot your password? · Doorstep",
    show: async (visitor, { email }) => {
      await visitor.page.goto("/forgot-password");
      await sendWith(visitor.page, { email });
      await isDone(visitor);
    },
  },
  {
    what: "the choice of a new password without a link",
    title: "Set a new password · Doorstep",
    show: async ({ page }) => void (await page.goto("/reset-password")),
  },
  {
    what: "the choice of a new password",
    title: "Set a new password · Doorstep",
    show: followReset,
  },
  {
    what: "the choice of a new password with a fault",
    title: "Error: Set a new password · Doorstep",
    show: async (visitor, person) => {
      await followReset(visitor, person);
      await sendWith(visitor.page, { password: "short" });
      await isRefused(visitor);
    },
  },
  {
    what: "the choice of a new password by a link that is over",
    title: "Error: Set a new password · Doorstep",
    show: async (visitor) => {
      await visitor.page.goto(`/reset-password?token=${NO_TOKEN}`);
      await sendWith(visitor.page, { password: "four quiet otters" });
      await isRefused(visitor);
    },
  },
  {
    what: "a new password that was chosen",
    title: "Set a new password · Doorstep",
    show: async (visitor, person) => {
      await followReset(visitor, person);
      await sendWith(visitor.page, { password: "four quiet otters" });
      await isDone(visitor);
    },
  },
  {
    what: "the verification of an address without a link",
    title: "Verify your email address · Doorstep",
    show: async ({ page }) => void (await page.goto("/verify-email")),
  },
  {
    what: "the verification of an address by a code",
    title: "Verify your email address · Doorstep",
    show: (visitor, person) => openAs(visitor, person, "/verify-email"),
  },
  {
    what: "the verification of an address by a wrong code",
    title: "Error: Verify your email address · Doorstep",
    show: async (visitor, person) => {
      await openAs(visitor, person, "/verify-email");
      await sendWith(visitor.page, { code: "12" });
      await isRefused(visitor);
    },
  },
  {
    what: "the verification of an address, with another mail on its way",
    title: "Verify your email address · Doorstep",
    show: async (visitor, person) => {
      await openAs(visitor, person, "/verify-email");
      await visitor.page.locator("main form.aside button").click();
      await isDone(visitor);
    },
  },
  {
    what: "the verification of an address by a link",
    title: "Verify your email address · Doorstep",
    show: async (visitor, person) => {
      await visitor.become(person);
      await visitor.page.goto(await mailedLink(visitor.page, person.email, "/verify-email"));
    },
  },
  {
    what: "the verification of an address by a link that is followed elsewhere",
    title: "Verify your email address · Doorstep",
    show: async (visitor, person) => {
      const { page } = visitor;
      await visitor.become(person);
      await page.context().clearCookies();
      await page.goto(await mailedLink(page, person.email, "/verify-email"));
    },
  },
  {
    what: "the verification of an address by a link that is over",
    title: "Verify your email address · Doorstep",
    show: async ({ page }) => void (await page.goto(`/verify-email?token=${NO_TOKEN}`)),
  },
  {
    what: "the change of an address without a link",
    title: "Change your email address · Doorstep",
    show: async ({ page }) => void (await page.goto("/change-email")),
  },
  {
    what: "the change of an address by a code",
    title: "Change your email address · Doorstep",
    show: async (visitor, person) => {
      await proposeEmail(visitor, person);
      await visitor.page.goto("/change-email");
    },
  },
  {
    what: "the change of an address by a wrong code",
    title: "Error: Change your email address · Doorstep",
    show: async (visitor, person) => {
      await proposeEmail(visitor, person);
      await visitor.page.goto("/change-email");
      await sendWith(visitor.page, { code: "" });
      await isRefused(visitor);
    },
  },
  {
    what: "the change of an address by a link",
    title: "Change your email address · Doorstep",
    show: async (visitor, person) => {
      const email = await proposeEmail(visitor, person);
      await visitor.page.goto(await mailedLink(visitor.page, email, "/change-email"));
    },
  },
  {
    what: "the change of an address by a link that is over",
    title: "Change your email address · Doorstep",
    show: async ({ page }) => void (await page.goto(`/change-email?token=${NO_TOKEN}`)),
  },
  {
    what: "an address that was changed",
    title: "Change your email address · Doorstep",
    show: async (visitor, person) => {
      const email = await proposeEmail(visitor, person);
      await visitor.page.goto(await mailedLink(visitor.page, email, "/change-email"));
      await send(visitor.page);
      await isDone(visitor);
    },
  },
  {
    what: "the securing of an account without a link",
    title: "Secure your account · Doorstep",
    show: async ({ page }) => void (await page.goto("/secure-account")),
  },
  {
    what: "the securing of an account",
    title: "Secure your account · Doorstep",
    show: followNotice,
  },
  {
    what: "the securing of an account by a link that is over",
    title: "Secure your account · Doorstep",
    show: async ({ page }) => void (await page.goto(`/secure-account?token=${NO_TOKEN}`)),
  },
  {
    what: "an account that was secured",
    title: "Secure your account · Doorstep",
    show: async (visitor, person) => {
      await followNotice(visitor, person);
      await send(visitor.page);
      await isDone(visitor);
    },
  },
  {
    what: "the mail that is shown instead of sent",
    title: "Test emails · Doorstep",
    show: async ({ page }) => {
      // The page lists the mail of every earlier test, and each of its links receives the focus below.
      test.setTimeout(120_000);
      await page.goto("/dev/mail");
    },
  },
  {
    what: "every component",
    title: "Design · Doorstep",
    show: async ({ page }) => void (await page.goto("/dev/design")),
  },
  {
    what: "a page that is not there",
    title: "Page not found · Doorstep",
    show: async ({ page }, _person, complaints) => {
      complaints.allow(/^status 404: GET \/nothing$/);
      await page.goto("/nothing");
    },
  },
  {
    what: "a request that cannot be answered",
    title: "Something went wrong · Doorstep",
    show: async ({ page }, _person, complaints) => {
      complaints.allow(/^status 413: POST \/api\/auth\/login$/);
      await page.goto("/login");
      const answered = page.waitForURL("/api/auth/login");
      await page.evaluate(() => {
        const form = Object.assign(document.createElement("form"), { method: "post", action: "/api/auth/login" });
        form.append(Object.assign(document.createElement("input"), { name: "email", value: "x".repeat(70_000) }));
        document.body.append(form);
        form.submit();
      });
      await answered;
    },
  },
];

for (const { what, title, show } of VIEWS) {
  for (const locale of ["en-GB", "id-ID"]) {
    test.describe(`in ${locale}`, () => {
      // Colours in transition would have other contrasts.
      test.use({ locale, contextOptions: { reducedMotion: "reduce" } });

      test(`${what} is accessible in the light and the dark theme`, async ({ visitor, person, complaints }) => {
        await show(visitor, person, complaints);
        const { page } = visitor;
        expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale.split("-")[0]);
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          await expectNoViolations(page);
        }
      });
    });
  }

  test.describe("on a narrow screen", () => {
    test.use({ viewport: { width: 320, height: 640 } });

    // Like a screen of 1280 px at 400 % zoom (WCAG 2.2, 1.4.10).
    test(`${what} needs no sideways scrolling, nor when it is enlarged four times`, async ({
      visitor,
      person,
      complaints,
    }) => {
      await show(visitor, person, complaints);
      expect(await visitor.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    });
  });

  test(`${what} has a title, one heading, a language, and a focus that can be seen`, async ({
    visitor,
    person,
    complaints,
  }) => {
    await show(visitor, person, complaints);
    const { page } = visitor;
    await expect(page).toHaveTitle(title);
    const dialog = page.getByRole("dialog");
    const isAsked = await dialog.isVisible();
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);

    // While a dialog is open, nothing else can be used.
    await walkThrough(page, isAsked ? dialog : page.locator("body"));
  });
}

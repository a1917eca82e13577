import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, test, type Complaints, type Person, type Visitor } from "./support.ts";

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
  title: string;
  show: (visitor: Visitor, person: Person, complaints: Complaints) => Promise<void>;
}

/** Every page, and every state that a page can be in. */
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
    what: "a sign-up with faults",
    title: "Create your account · Doorstep",
    show: async (visitor, person) => {
      await visitor.openForm("/signup");
      await visitor.fillSignUp({ ...person, email: "nobody".repeat(20), password: "short" });
      await visitor.createAccount.click();
      await expect(visitor.email).toHaveAttribute("aria-invalid", "true");
      await visitor.formIsReady();
    },
  },
  {
    what: "a plain sign-up with faults",
    title: "Create your account · Doorstep",
    show: async (visitor, person, complaints) => {
      complaints.allow(/\.wasm|^page error: Failed to fetch$/);
      await visitor.page.route("**/*.wasm", (route) => route.abort());
      await visitor.page.goto("/signup");
      await visitor.fillSignUp({ ...person, email: "nobody".repeat(20), password: "short" });
      await visitor.createAccount.click();
      await expect(visitor.email).toHaveAttribute("aria-invalid", "true");
    },
  },
  {
    what: "the login",
    title: "Log in · Doorstep",
    show: (visitor) => visitor.openForm("/login"),
  },
  {
    what: "a login that failed",
    title: "Log in · Doorstep",
    show: async (visitor, person, complaints) => {
      complaints.allow(/^status 401: POST \/api\/auth\/login$/);
      await visitor.openForm("/login");
      await visitor.fillLogIn(person);
      await visitor.logInButton.click();
      await expect(visitor.alert).toBeVisible();
      await visitor.formIsReady();
    },
  },
  {
    what: "the start of a customer",
    title: "Welcome back · Doorstep",
    show: async (visitor, person) => {
      await visitor.signUp({ ...person, name: "x".repeat(100) });
      await visitor.page.goto("/");
    },
  },
  {
    what: "the account",
    title: "Your account · Doorstep",
    show: (visitor, person) => visitor.signUp({ ...person, name: "x".repeat(100) }),
  },
  {
    what: "the devices",
    title: "Your devices · Doorstep",
    show: async (visitor, person) => {
      await visitor.signUp(person);
      await visitor.page.request.post("/api/auth/login", { data: person, headers: { Cookie: "" } });
      await visitor.page.goto("/account/sessions");
      await expect(visitor.page.getByRole("button", { name: "Sign out all other devices" })).toBeVisible();
    },
  },
  {
    what: "the activity",
    title: "Activity · Doorstep",
    show: async (visitor, person) => {
      await visitor.signUp(person);
      await visitor.page.goto("/account/activity");
      await expect(visitor.page.getByRole("heading", { name: "You opened this account" })).toBeVisible();
    },
  },
  {
    what: "the change of a password",
    title: "Change your password · Doorstep",
    show: async (visitor, person) => {
      await visitor.signUp(person);
      await visitor.page.goto("/account/security");
    },
  },
  {
    what: "a change of a password with faults",
    title: "Change your password · Doorstep",
    show: async (visitor, person) => {
      await visitor.signUp(person);
      await visitor.page.goto("/account/security");
      await visitor.page.getByRole("button", { name: "Change password" }).click();
      await expect(visitor.alert).toBeVisible();
    },
  },
  {
    what: "the confirmation of a password",
    title: "Confirm that it is you · Doorstep",
    show: async (visitor, person) => {
      await visitor.signUp(person);
      await visitor.page.goto("/account/confirm?next=/account/sessions");
    },
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
    title: "That did not work · Doorstep",
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
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`in ${colorScheme}`, () => {
      test.use({ colorScheme });

      test(`${what} can be used by everybody`, async ({ visitor, person, complaints }) => {
        await show(visitor, person, complaints);
        await expectNoViolations(visitor.page);
      });
    });
  }

  test.describe("on a narrow screen", () => {
    test.use({ viewport: { width: 320, height: 640 } });

    test(`${what} needs no sideways scrolling`, async ({ visitor, person, complaints }) => {
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
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("en");

    // Tab leads through everything that can be used, in the order of the page, and shows where it is.
    const controls = page.getByRole("link").or(page.getByRole("button")).or(page.getByRole("textbox"));
    await controls.first().focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Shift+Tab");
    for (const control of await controls.all()) {
      await expect(control).toBeFocused();
      await expect(control).toHaveCSS("outline-style", "solid");
      await expect(control).toHaveCSS("outline-width", "3px");
      await page.keyboard.press("Tab");
    }
  });
}

test("the password's button says the same to eyes and ears in both states", async ({ visitor }) => {
  await visitor.openForm("/login");
  await visitor.showPassword.click();
  await expectNoViolations(visitor.page);
});

for (const path of ["/", "/signup", "/login"]) {
  test(`the first stop on ${path} leads past the header`, async ({ visitor }) => {
    const { page } = visitor;
    await page.goto(path);
    const skip = page.getByRole("link", { name: "Skip to content" });
    await expect(skip).not.toBeInViewport();
    await page.keyboard.press("Tab");
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport({ ratio: 1 });

    await page.keyboard.press("Enter");
    await expect(visitor.main).toBeFocused();
    await page.keyboard.press("Tab");
    const first = visitor.main.getByRole("link").or(visitor.main.getByRole("textbox")).first();
    await expect(first).toBeFocused();
  });
}

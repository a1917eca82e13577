// Screen readers: names, roles, and announcements.
import type { Locator } from "@playwright/test";

import { expect, newPerson, test, type Person, type Visitor } from "./support.ts";

test("the parts of a page have names", async ({ visitor, person }) => {
  const { page } = visitor;
  await page.goto("/");
  await expect(page.getByRole("banner")).toHaveCount(1);
  await expect(page.getByRole("main")).toHaveCount(1);
  await expect(page.getByRole("contentinfo")).toHaveCount(1);
  await expect(page.getByRole("navigation")).toHaveCount(1);
  await expect(page.getByRole("navigation")).toHaveAccessibleName("Account");
  const languages = page.getByRole("contentinfo").getByRole("form", { name: "Language" }).getByRole("button");
  await expect(languages).toHaveText(["English", "Bahasa Indonesia"]);
  await expect(languages.nth(0)).toHaveAttribute("aria-current", "true");
  await expect(languages.nth(1)).not.toHaveAttribute("aria-current");
  // A screen reader needs the language for the pronunciation.
  await expect(languages.nth(1)).toHaveAttribute("lang", "id");

  await visitor.become(person);
  await page.goto("/account");
  await expect(page.getByRole("navigation")).toHaveCount(2);
  await expect(page.getByRole("navigation").nth(0)).toHaveAccessibleName("Account");
  await expect(page.getByRole("navigation").nth(1)).toHaveAccessibleName("Your account");
  const parts = page.getByRole("main").getByRole("region");
  await expect(parts).toHaveCount(4);
  for (const name of ["Your details", "Devices", "Password", "Recent activity"]) {
    await expect(page.getByRole("region", { name, exact: true })).toBeVisible();
  }
});

for (const [path, current] of [
  ["/account", "Overview"],
  ["/account/email", "Email address"],
  ["/account/security", "Security"],
  ["/account/sessions", "Devices"],
  ["/account/activity", "Activity"],
] as const) {
  test(`of the account's pages, ${path} is said to be "${current}", and no other`, async ({ visitor, person }) => {
    const { page } = visitor;
    await visitor.become(person);
    await page.goto(path);
    const links = page.getByRole("navigation", { name: "Your account" }).getByRole("link");
    await expect(links).toHaveText(["Overview", "Email address", "Security", "Devices", "Activity"]);
    const marked = page.locator("a[aria-current]");
    await expect(marked).toHaveCount(1);
    await expect(marked).toHaveText(current);
    await expect(marked).toHaveAttribute("aria-current", "page");
  });
}

test("what is wrong with a form is an alert when there is something wrong, and nothing before", async ({ visitor }) => {
  for (const [path, button] of [
    ["/login", visitor.logInButton],
    ["/signup", visitor.createAccount],
  ] as const) {
    await visitor.openForm(path);
    await expect(visitor.alert).toHaveCount(0);
    await visitor.main.getByRole("button").and(button).click();
    await expect(visitor.alert).toHaveCount(1);
    await expect(visitor.alert.getByRole("listitem").first()).toBeVisible();
  }
});

/** Every form with faults, and the fields that have them. */
const FAULTS: {
  path: string;
  fill?: Record<string, string>;
  blamed: Record<string, string>;
  prepare?: (visitor: Visitor, person: Person) => Promise<void>;
}[] = [
  {
    path: "/signup",
    blamed: {
      Name: "Enter your name.",
      "Email address": "Enter your email address.",
      Password: "At least 8 characters. Three or four random words work well. Enter a password.",
    },
  },
  { path: "/login", blamed: { "Email address": "Enter your email address.", Password: "Enter a password." } },
  { path: "/forgot-password", blamed: { "Email address": "Enter your email address." } },
  {
    path: `/reset-password?token=${"x".repeat(43)}`,
    blamed: { "New password": "At least 8 characters. All devices will be signed out. Enter a password." },
  },
  {
    path: "/account/security",
    prepare: (visitor, person) => visitor.become(person),
    blamed: {
      "Current password": "Enter your current password.",
      "New password": "At least 8 characters. All other devices will be signed out. Enter a password.",
    },
  },
  {
    path: "/account/confirm",
    prepare: (visitor, person) => visitor.become(person),
    blamed: { Password: "Enter your current password." },
  },
  {
    path: "/account/email",
    prepare: (visitor, person) => visitor.become(person),
    blamed: { "New email address": "Enter your email address." },
  },
  {
    path: "/verify-email",
    prepare: (visitor, person) => visitor.become(person),
    blamed: { "Verification code": "6 digits, valid for 24 hours. Enter the code from our email." },
  },
  {
    path: "/change-email",
    prepare: async (visitor, person) => {
      await visitor.become(person);
      const data = { email: newPerson().email };
      const answer = await visitor.page.request.post("/api/auth/change-email", { data });
      expect(answer.ok()).toBe(true);
    },
    blamed: { "Verification code": "6 digits, valid for 24 hours. Enter the code from our email." },
  },
];

for (const { path, prepare, blamed } of FAULTS) {
  test(`what is wrong with a field of ${path.split("?")[0]} is said with the field`, async ({ visitor, person }) => {
    const { page } = visitor;
    await prepare?.(visitor, person);
    await page.goto(path);
    if (path === "/login" || path === "/signup") await visitor.formIsReady();
    const fields = visitor.main.getByRole("textbox");
    await expect(fields).toHaveCount(Object.keys(blamed).length);
    for (const field of await fields.all()) await expect(field).not.toHaveAttribute("aria-invalid");

    await fields.first().press("Enter");
    await visitor.isTold("Some fields are invalid.");
    for (const [label, description] of Object.entries(blamed)) {
      const field = page.getByRole("textbox", { name: label, exact: true });
      await expect(field).toHaveAttribute("aria-invalid", "true");
      await expect(field).toHaveAttribute("aria-required", "true");
      await expect(field).toHaveAccessibleDescription(description);
    }
    await expect(visitor.alert.getByRole("link")).toHaveCount(Object.keys(blamed).length);
  });
}

test("the strength of a password, Caps Lock and a slip in the address are said without being asked for", async ({
  visitor,
}) => {
  const { page } = visitor;
  await visitor.openForm("/signup");
  const said = (text: string): Locator => page.getByRole("status").filter({ hasText: text });
  await visitor.email.fill("ada@gmial.com");
  await visitor.password.fill("password1");
  await visitor.password.dispatchEvent("keydown", { key: "A", modifierCapsLock: true });
  for (const text of ["Did you mean ada@gmail.com?", "Strength: Very weak", "Caps Lock is on."]) {
    await expect(said(text)).toHaveText(text);
  }
});

test("word of what was done is a status, and is where the reading begins", async ({ visitor, person }) => {
  const { page } = visitor;
  await page.goto("/forgot-password");
  await visitor.email.fill(person.email);
  await page.getByRole("button", { name: "Send reset link" }).click();
  await expect(visitor.toast).toHaveRole("status");
  await expect(visitor.toast).toBeFocused();
  await expect(visitor.toast.getByRole("paragraph")).toHaveText(
    "If that address has an account, a link is on its way. It works for 30 minutes.",
  );
  await expect(visitor.toast.getByRole("button")).toHaveAccessibleName("Dismiss");
});

test("every button that ends something says what", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.become(person);
  await visitor.logInElsewhere(person, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
  await page.goto("/account/sessions");
  const other = visitor.main.getByRole("listitem").filter({ hasText: "Firefox" });
  await expect(other.getByRole("button")).toHaveText("Sign out");
  await expect(other.getByRole("button")).toHaveAccessibleName("Sign out Firefox on Linux");
  await page.getByRole("button", { name: "Sign out all other devices" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toHaveAccessibleName("Sign out all other devices?");
  await expect(dialog.getByRole("button")).toHaveText(["Sign out other devices", "Cancel"]);
});

test("the sign-up is read out in its order", async ({ visitor }) => {
  await visitor.openForm("/signup");
  await expect(visitor.page.getByRole("document")).toMatchAriaSnapshot(`
    - link "Skip to content":
      - /url: "#main"
    - banner:
      - link "Doorstep":
        - /url: /
      - navigation "Account":
        - link "Log in":
          - /url: /login
        - link "Sign up":
          - /url: /signup
    - main:
      - heading "Create your account" [level=1]
      - text: Name
      - textbox "Name"
      - text: Email address
      - textbox "Email address"
      - status
      - text: Password
      - paragraph: At least 8 characters. Three or four random words work well.
      - textbox "Password"
      - button "Show Password": Show
      - button "Create account"
      - paragraph:
        - text: Already have an account?
        - link "Log in":
          - /url: /login
    - contentinfo:
      - form "Language":
        - button "English"
        - button "Bahasa Indonesia"
  `);
});

test("the account is read out in its order", async ({ visitor, person }) => {
  await visitor.become(person);
  await visitor.page.goto("/account");
  await expect(visitor.page.getByRole("document")).toMatchAriaSnapshot(`
    - link "Skip to content":
      - /url: "#main"
    - banner:
      - link "Doorstep":
        - /url: /
      - navigation "Account":
        - link "Account":
          - /url: /account
        - button "Log out"
    - navigation "Your account":
      - paragraph: Ada Lovelace
      - list:
        - listitem:
          - link "Overview":
            - /url: /account
        - listitem:
          - link "Email address":
            - /url: /account/email
        - listitem:
          - link "Security":
            - /url: /account/security
        - listitem:
          - link "Devices":
            - /url: /account/sessions
        - listitem:
          - link "Activity":
            - /url: /account/activity
    - main:
      - heading "Your account" [level=1]
      - paragraph: Hello, Ada Lovelace. Manage your details and security.
      - link "Verify your email":
        - /url: /verify-email
      - text: so you can reset your password if you forget it.
      - region "Your details":
        - heading "Your details" [level=2]
        - term: Name
        - definition: Ada Lovelace
        - term: Email address
        - definition: ${person.email} Not verified yet
        - term: Customer since
        - definition:
          - time: /\\w+ \\d+, \\d+/
        - paragraph:
          - link "Change your email address":
            - /url: /account/email
      - region "Devices":
        - heading "Devices" [level=2]
        - paragraph: You're only signed in on this device.
        - list:
          - listitem: Chrome on Linux This device
        - paragraph:
          - link "Manage devices":
            - /url: /account/sessions
      - region "Password":
        - heading "Password" [level=2]
        - paragraph: Never changed.
        - paragraph:
          - link "Change your password":
            - /url: /account/security
      - region "Recent activity":
        - heading "Recent activity" [level=2]
        - list:
          - listitem:
            - text: Account created
            - time: /\\w+ \\d+, \\d+ at \\d+:\\d+/
        - paragraph:
          - link "View all activity":
            - /url: /account/activity
    - contentinfo:
      - form "Language":
        - button "English"
        - button "Bahasa Indonesia"
  `);
});

import type { Page } from "@playwright/test";

import { tabThrough, tabTo, typeInto, walkThrough } from "../keyboard.ts";
import { expect, test } from "../support.ts";

const NEW = "four quiet otters";

/** Returns a button in the footer. */
const language = (page: Page, name: string) =>
  page.getByRole("form", { name: /^(Language|Bahasa)$/ }).getByRole("button", { name });

/** Returns a link in the account's navigation. */
const section = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Your account" }).getByRole("link", { name });

for (const path of ["/", "/signup", "/login", "/account", "/account/security"]) {
  test(`the first stop on ${path} leads past the header`, async ({ visitor, person }) => {
    const { page } = visitor;
    if (path.startsWith("/account")) await visitor.become(person);
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

test("a sign-up needs no mouse", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.openForm("/signup");
  const fields = [visitor.name, visitor.email, visitor.password, visitor.showPassword, visitor.createAccount];
  await tabThrough(page, [
    page.getByRole("link", { name: "Skip to content" }),
    page.getByRole("link", { name: "Doorstep" }),
    page.getByRole("navigation").getByRole("link", { name: "Log in" }),
    page.getByRole("navigation").getByRole("link", { name: "Sign up" }),
    ...fields,
    visitor.main.getByRole("link", { name: "Log in" }),
    language(page, "English"),
    language(page, "Bahasa Indonesia"),
  ]);
  await tabThrough(
    page,
    [language(page, "English"), visitor.main.getByRole("link", { name: "Log in" }), ...fields.toReversed()],
    "Shift+Tab",
  );

  await page.keyboard.type(person.name);
  await page.keyboard.press("Tab");
  await page.keyboard.type(person.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(person.password);
  await page.keyboard.press("Enter");
  await visitor.isAt("/account");
});

test("the pages of an account are reached without a mouse, and each says which it is", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.become(person);
  await page.goto("/account");
  await tabThrough(page, [
    page.getByRole("link", { name: "Skip to content" }),
    page.getByRole("link", { name: "Doorstep" }),
    page.getByRole("navigation", { name: "Account", exact: true }).getByRole("link", { name: "Account" }),
    visitor.logOutButton,
    section(page, "Overview"),
    section(page, "Email address"),
    section(page, "Security"),
    section(page, "Devices"),
    section(page, "Activity"),
    visitor.main.getByRole("link", { name: "Verify your email" }),
    visitor.main.getByRole("link", { name: "Change your email address" }),
    visitor.main.getByRole("link", { name: "Manage devices" }),
    visitor.main.getByRole("link", { name: "Change your password" }),
    visitor.main.getByRole("link", { name: "View all activity" }),
    language(page, "English"),
    language(page, "Bahasa Indonesia"),
  ]);
  for (const [name, heading] of [
    ["Email address", "Your email address"],
    ["Security", "Change your password"],
    ["Devices", "Your devices"],
    ["Activity", "Activity"],
    ["Overview", "Your account"],
  ] as const) {
    await tabTo(page, section(page, name));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
    await expect(section(page, name)).toHaveAttribute("aria-current", "page");
  }
});

test("Enter in a field sends the form, and never shows the password", async ({ visitor }) => {
  await visitor.openForm("/signup");
  await visitor.name.press("Enter");
  await expect(visitor.alert).toBeVisible();
  await expect(visitor.showPassword).toHaveAttribute("aria-pressed", "false");
});

test("a login and a logout need no mouse", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.become(person);
  await page.context().clearCookies();
  await page.goto("/");
  await tabTo(page, page.getByRole("navigation").getByRole("link", { name: "Log in" }));
  await page.keyboard.press("Enter");
  await visitor.isAt("/login");
  await visitor.formIsReady();
  await typeInto(page, visitor.email, person.email);
  await page.keyboard.press("Tab");
  await expect(visitor.password).toBeFocused();
  await page.keyboard.type(person.password);
  await page.keyboard.press("Tab");
  await expect(visitor.showPassword).toBeFocused();
  await page.keyboard.press("Space");
  await expect(visitor.password).toHaveAttribute("type", "text");
  await page.keyboard.press("Tab");
  await expect(visitor.logInButton).toBeFocused();
  await page.keyboard.press("Space");
  await visitor.isAt("/account");

  await tabTo(page, visitor.logOutButton);
  await page.keyboard.press("Enter");
  await visitor.isAt("/");
  await visitor.isSignedOut();
});

for (const { path, submit, faults } of [
  {
    path: "/login",
    submit: "Log in",
    faults: [
      ["Enter your email address.", "Email address"],
      ["Enter a password.", "Password"],
    ],
  },
  {
    path: "/account/security",
    submit: "Change password",
    faults: [
      ["Enter your current password.", "Current password"],
      ["Enter a password.", "New password"],
    ],
  },
] as const) {
  test(`from what is wrong with the form of ${path} the keyboard leads to each field`, async ({ visitor, person }) => {
    const { page } = visitor;
    if (path !== "/login") await visitor.become(person);
    await visitor.openForm(path);
    await tabTo(page, visitor.main.getByRole("button", { name: submit }));
    await page.keyboard.press("Enter");
    await visitor.isTold("Some fields are invalid.");
    const links = faults.map(([fault]) => visitor.alert.getByRole("link", { name: fault }));
    await tabThrough(page, links);
    await page.keyboard.press("Shift+Tab");
    await expect(links[0]!).toBeFocused();

    await page.keyboard.press("Enter");
    const [first, second] = faults.map(([, label]) => page.getByLabel(label, { exact: true }));
    await expect(first!).toBeFocused();
    await page.keyboard.type("typed");
    await expect(first!).toHaveValue("typed");

    await tabTo(page, links[1]!, "Shift+Tab");
    await page.keyboard.press("Enter");
    await expect(second!).toBeFocused();
  });
}

test("a password is changed without a mouse, and word of it is put away", async ({ visitor, person }) => {
  const { page } = visitor;
  const current = page.getByLabel("Current password", { exact: true });
  await visitor.become(person);
  await page.goto("/account");
  await tabTo(page, section(page, "Security"));
  await page.keyboard.press("Enter");
  await visitor.isAt("/account/security");
  await typeInto(page, current, person.password);
  await tabThrough(page, [visitor.showPassword.first(), page.getByLabel("New password", { exact: true })]);
  await page.keyboard.type(NEW);
  await page.keyboard.press("Enter");
  await expect(visitor.toast).toContainText("Your password has been changed");
  await expect(visitor.toast).toBeFocused();

  await tabThrough(page, [visitor.toast.getByRole("button", { name: "Dismiss" })]);
  await page.keyboard.press("Enter");
  await expect(visitor.toast).toBeHidden();
  // The focus continues from its previous position.
  await tabThrough(page, [current]);
});

for (const viewport of [
  { width: 375, height: 667 },
  { width: 1280, height: 500 },
]) {
  test.describe(`on a screen of ${viewport.width} by ${viewport.height}`, () => {
    test.use({ viewport });

    test("word of what was done is over nothing that has the focus", async ({ visitor, person }) => {
      const { page } = visitor;
      await page.goto("/forgot-password");
      await typeInto(page, visitor.email, person.email);
      await page.keyboard.press("Enter");
      await expect(visitor.toast).toBeFocused();
      await walkThrough(page, page.locator("body"));

      await visitor.become(person);
      await page.goto("/account/security");
      await typeInto(page, page.getByLabel("Current password", { exact: true }), person.password);
      await typeInto(page, page.getByLabel("New password", { exact: true }), NEW);
      await page.keyboard.press("Enter");
      await expect(visitor.toast).toBeFocused();
      await walkThrough(page, page.locator("body"));
    });
  });
}

test("a password is confirmed without a mouse", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.become(person);
  await page.goto("/account/confirm?next=/account/sessions");
  await typeInto(page, visitor.password, "a walk by the sea");
  await page.keyboard.press("Enter");
  await visitor.isTold("That password isn't right.");
  await tabThrough(page, [visitor.alert.getByRole("link")]);
  await page.keyboard.press("Enter");
  await expect(visitor.password).toBeFocused();
  await page.keyboard.type(person.password);
  await page.keyboard.press("Enter");
  await visitor.isAt("/account/sessions");
});

test("another device is signed out without a mouse", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.become(person);
  await visitor.logInElsewhere(person);
  await page.goto("/account/sessions");
  await tabTo(page, visitor.main.getByRole("button", { name: /^Sign out .+ on / }));
  await page.keyboard.press("Space");
  await expect(visitor.toast).toContainText("Signed out. You'll need to log in there again.");
  await expect(visitor.toast).toBeFocused();
  await expect(visitor.main.getByRole("listitem")).toHaveCount(1);
});

test("all other devices are signed out without a mouse, after a question that Escape declines", async ({
  visitor,
  person,
}) => {
  const { page } = visitor;
  const signOutOthers = page.getByRole("button", { name: "Sign out all other devices" });
  const dialog = page.getByRole("dialog", { name: "Sign out all other devices?" });
  const [yes, no] = ["Sign out other devices", "Cancel"].map((name) => dialog.getByRole("button", { name }));
  await visitor.become(person);
  await visitor.logInElsewhere(person);
  await page.goto("/account/sessions");
  await tabTo(page, signOutOthers);

  await page.keyboard.press("Enter");
  await expect(yes!).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(signOutOthers).toBeFocused();

  await page.keyboard.press("Space");
  await expect(yes!).toBeFocused();
  await tabThrough(page, [no!]);
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(signOutOthers).toBeFocused();
  await expect(visitor.main.getByRole("listitem")).toHaveCount(2);

  await page.keyboard.press("Enter");
  await expect(yes!).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(visitor.toast).toBeFocused();
  await expect(visitor.main.getByRole("listitem")).toHaveCount(1);
});

test("the language is switched and switched back without a mouse", async ({ visitor }) => {
  const { page } = visitor;
  const html = page.locator("html");
  await page.goto("/forgot-password");
  await tabTo(page, language(page, "Bahasa Indonesia"));
  await page.keyboard.press("Enter");
  await expect(html).toHaveAttribute("lang", "id");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Lupa kata sandi?");
  await visitor.isAt("/forgot-password");
  await tabTo(page, language(page, "English"));
  await page.keyboard.press("Space");
  await expect(html).toHaveAttribute("lang", "en");
  await visitor.isAt("/forgot-password");
});

import type { Locator, Page } from "@playwright/test";

import { door, expect, test, watch, type Visitor } from "../support.ts";

/** Returns the text with the strength of a new password. */
const strength = (page: Page): Locator => page.getByRole("status").filter({ hasText: "Strength:" });
const capsLock = (page: Page): Locator => page.getByRole("status").filter({ hasText: "Caps Lock is on." });

/** The path of the estimator, which has a hash in a release. */
const ESTIMATOR = /\/zxcvbn(\.\w{16})?\.js$/;

/** Records the requests of `page` for the estimator. */
function observe(page: Page): string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (ESTIMATOR.test(request.url())) asked.push(request.url());
  });
  return asked;
}

/** Returns the button that shows the content of the field with this label. */
const reveal = (page: Page, label: string): Locator =>
  page.getByRole("button", { name: `Show ${label}`, exact: true });

for (const { path, label, open } of [
  { path: "/login", label: "Password", open: (visitor: Visitor) => visitor.openForm("/login") },
  { path: "/signup", label: "Password", open: (visitor: Visitor) => visitor.openForm("/signup") },
  { path: "/account/confirm", label: "Password" },
  { path: "/account/security", label: "Current password" },
  { path: "/account/security", label: "New password" },
  { path: `/reset-password?token=${"x".repeat(43)}`, label: "New password" },
]) {
  test(`${path} shows "${label}" and hides it again, and it stays what it is`, async ({ visitor, person }) => {
    const { page } = visitor;
    const field = page.getByLabel(label, { exact: true });
    if (open) {
      await open(visitor);
    } else {
      await visitor.become(person);
      await page.goto(path);
    }
    const show = reveal(page, label);
    await field.fill(person.password);
    await expect(show).toHaveAttribute("aria-pressed", "false");
    await expect(field).toHaveAttribute("type", "password");

    await show.click();
    await expect(show).toHaveAttribute("aria-pressed", "true");
    await expect(field).toHaveAttribute("type", "text");
    await expect(field).toHaveValue(person.password);

    await show.press("Space");
    await expect(show).toHaveAttribute("aria-pressed", "false");
    await expect(field).toHaveAttribute("type", "password");
    await expect(field).toHaveValue(person.password);
  });
}

test("of two passwords, only the one is shown whose button was pressed", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.become(person);
  await page.goto("/account/security");
  const current = page.getByLabel("Current password", { exact: true });
  const next = page.getByLabel("New password", { exact: true });
  await reveal(page, "New password").click();
  await expect(next).toHaveAttribute("type", "text");
  await expect(current).toHaveAttribute("type", "password");
});

test("a password that is shown is hidden when its form is sent, and arrives", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.become(person);
  const answer = door();
  await page.route("/api/auth/confirm", async (route) => {
    await answer.opened;
    await route.continue();
  });
  await page.goto("/account/confirm?next=/account/sessions");
  await visitor.password.fill(person.password);
  await visitor.showPassword.click();
  await expect(visitor.password).toHaveAttribute("type", "text");
  const field = await watch(page, "#current_password");
  const sent = page.waitForRequest("/api/auth/confirm");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await sent;
  await expect.poll(() => field.at(-1)).toContain('type="password"');
  answer.open();
  await visitor.isAt("/account/sessions");
});

test("a password that is shown is hidden when a living form is sent, and arrives", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.become(person);
  await page.context().clearCookies();
  const answer = door();
  await page.route("/api/auth/login", async (route) => {
    await answer.opened;
    await route.continue();
  });
  await visitor.openForm("/login");
  await visitor.fillLogIn(person);
  await visitor.showPassword.click();
  await visitor.logInButton.click();
  await expect(visitor.password).toHaveAttribute("type", "password");
  await expect(visitor.showPassword).toHaveAttribute("aria-pressed", "false");
  answer.open();
  await visitor.isAt("/account");
});

for (const path of ["/login", "/signup", "/account/security"]) {
  test(`Caps Lock is reported at the password of ${path}, while it is on and the field is used`, async ({
    visitor,
    person,
  }) => {
    const { page } = visitor;
    if (path === "/account/security") await visitor.become(person);
    await visitor.openForm(path);
    const field = page.getByRole("main").locator("input[type=password]").last();
    await field.focus();
    await page.keyboard.type("a");
    await expect(capsLock(page)).toBeHidden();
    await field.dispatchEvent("keydown", { key: "A", modifierCapsLock: true });
    await expect(capsLock(page)).toBeVisible();
    await field.dispatchEvent("keyup", { key: "CapsLock" });
    await expect(capsLock(page)).toBeHidden();

    await field.dispatchEvent("keydown", { key: "A", modifierCapsLock: true });
    await expect(capsLock(page)).toBeVisible();
    await page.keyboard.press("Shift+Tab");
    await expect(capsLock(page)).toBeHidden();
  });
}

for (const [path, action] of [
  ["/login", "/api/auth/login"],
  ["/account/confirm", "/api/auth/confirm"],
] as const) {
  test(`a click right after typing with Caps Lock on sends the form of ${path}, which does not move under it`, async ({
    visitor,
    complaints,
    person,
  }) => {
    complaints.allow(/^status 401: POST \/api\/auth\/login$/);
    const { page } = visitor;
    const button = visitor.main.locator("button[type=submit]");
    await visitor.become(person);
    if (path === "/login") await page.context().clearCookies();
    await visitor.openForm(path);
    if (path === "/login") await visitor.email.fill(person.email);
    await visitor.password.fill(person.password.toUpperCase());
    await visitor.password.dispatchEvent("keydown", { key: "A", modifierCapsLock: true });
    await expect(capsLock(page)).toBeVisible();

    const place = () => button.evaluate((element: HTMLElement) => element.offsetTop);
    const before = await place();
    await button.hover();
    await page.mouse.down();
    await expect(visitor.password).not.toBeFocused();
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect(await place()).toBe(before);
    const sent = page.waitForRequest(action);
    await page.mouse.up();
    await sent;
    await visitor.isTold(/Incorrect email or password|That password isn't right/);
    await expect(capsLock(page)).toBeHidden();
  });
}

test("Caps Lock at another field is not reported", async ({ visitor }) => {
  await visitor.openForm("/signup");
  await visitor.name.dispatchEvent("keydown", { key: "A", modifierCapsLock: true });
  await expect(capsLock(visitor.page)).toBeHidden();
});

test("a password that is being chosen is rated in words, which follow what is typed", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.openForm("/signup");
  await expect(strength(page)).toBeHidden();
  for (const [password, words, score] of [
    ["password", "Strength: Very weak", "0"],
    ["four otters", "Strength: Good", "3"],
    [person.password, "Strength: Strong", "4"],
  ] as const) {
    await visitor.password.fill(password);
    await expect(strength(page)).toHaveText(words);
    await expect(strength(page)).toHaveAttribute("data-score", score);
  }
  await visitor.password.fill("");
  await expect(strength(page)).toBeHidden();
});

test("a password of the own name or address is rated as easy to guess", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.openForm("/signup");
  await visitor.password.fill("quetzalcoatl.wyvern");
  await expect(strength(page)).toHaveText("Strength: Strong");
  await visitor.name.fill("Quetzalcoatl");
  await visitor.email.fill("quetzalcoatl.wyvern@shop.example");
  await visitor.password.fill("quetzalcoatl.wyver");
  await visitor.password.fill("quetzalcoatl.wyvern");
  await expect(strength(page)).toHaveText("Strength: Very weak");
  await visitor.fillSignUp(person);
  await expect(strength(page)).toHaveText("Strength: Strong");
});

test("a new password is rated where it is changed, and the current one is not", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.become(person);
  await page.goto("/account/security");
  const asked = observe(page);
  await page.getByLabel("Current password", { exact: true }).fill("password");
  await expect(strength(page)).toBeHidden();
  expect(asked).toEqual([]);
  await page.getByLabel("New password", { exact: true }).fill("password");
  await expect(strength(page)).toHaveText("Strength: Very weak");
  expect(asked).toHaveLength(1);
});

test("the estimator is not loaded before a password is chosen", async ({ visitor, person }) => {
  const { page } = visitor;
  const asked = observe(page);
  await visitor.openForm("/signup");
  await visitor.name.fill(person.name);
  await visitor.email.fill(person.email);
  await page.evaluate(() => new Promise(requestAnimationFrame));
  expect(asked).toEqual([]);
  const loading = page.waitForRequest(ESTIMATOR);
  await visitor.password.focus();
  await loading;
  expect(asked).toHaveLength(1);
});

test("the estimator is not loaded to log in", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.become(person);
  await page.context().clearCookies();
  const asked = observe(page);
  await visitor.openForm("/login");
  await visitor.email.pressSequentially(person.email);
  await visitor.password.pressSequentially(person.password);
  await visitor.showPassword.click();
  await visitor.logInButton.click();
  await visitor.isAt("/account");
  expect(asked).toEqual([]);
});

test("an estimator that does not come disturbs nothing", async ({ visitor, complaints, person }) => {
  complaints.allow(/^failed: GET \S*\/zxcvbn\S*\.js net::ERR_FAILED$/);
  const { page } = visitor;
  await page.route(ESTIMATOR, (route) => route.abort());
  await visitor.openForm("/signup");
  const failed = page.waitForEvent("requestfailed", (request) => ESTIMATOR.test(request.url()));
  await visitor.fillSignUp(person);
  await failed;
  await expect(strength(page)).toBeHidden();
  // In the accessibility tree, empty and invisible.
  await expect(page.locator(".strength")).toBeEmpty();
  await expect(page.locator(".strength")).toHaveCSS("opacity", "0");
  await visitor.createAccount.click();
  await visitor.isAt("/account");
});

test("an estimator that is slow disturbs nothing, and says its word when it is there", async ({ visitor }) => {
  const { page } = visitor;
  const estimator = door();
  await page.route(ESTIMATOR, async (route) => {
    await estimator.opened;
    await route.continue();
  });
  await visitor.openForm("/signup");
  const before = await visitor.createAccount.boundingBox();
  await visitor.password.fill("password");
  await expect(strength(page)).toBeHidden();
  await visitor.showPassword.click();
  await expect(visitor.password).toHaveAttribute("type", "text");
  estimator.open();
  await expect(strength(page)).toHaveText("Strength: Very weak");
  expect(await visitor.createAccount.boundingBox()).toEqual(before);
});

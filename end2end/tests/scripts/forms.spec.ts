import type { Page } from "@playwright/test";

import { tabTo } from "../keyboard.ts";
import { door, expect, newPerson, test, watch, type Person } from "../support.ts";

/** Records the requests that `page` sends and its loads from now on. */
function observe(page: Page): { posts: string[]; loads: string[] } {
  const seen = { posts: [] as string[], loads: [] as string[] };
  page.on("request", (request) => {
    if (request.method() !== "GET") seen.posts.push(request.url());
    if (request.isNavigationRequest()) seen.loads.push(request.url());
  });
  return seen;
}

test("errors are shown without a request, with the focus on their summary", async ({
  visitor,
  person,
}) => {
  await visitor.openForm("/signup");
  const seen = observe(visitor.page);
  const faults = visitor.alert.getByRole("link");

  await visitor.fillSignUp({ ...person, email: "nobody", password: "short" });
  await visitor.createAccount.click();
  await visitor.isTold("Some fields are invalid.");
  await expect(faults).toHaveText(["Enter an email address like name@example.com.", "Use at least 8 characters."]);
  await expect(visitor.email).toHaveAttribute("aria-invalid", "true");
  await expect(visitor.password).toHaveAttribute("aria-invalid", "true");
  await expect(visitor.password).toHaveValue("short");

  await visitor.email.fill(person.email);
  await visitor.createAccount.click();
  await expect(visitor.alert).toBeFocused();
  await expect(faults).toHaveText(["Use at least 8 characters."]);
  await expect(visitor.email).not.toHaveAttribute("aria-invalid");
  await expect(visitor.email).toHaveAccessibleDescription("");

  await visitor.name.fill("");
  await visitor.password.press("Enter");
  await expect(visitor.alert).toBeFocused();
  await expect(faults).toHaveText(["Enter your name.", "Use at least 8 characters."]);
  expect(seen).toEqual({ posts: [], loads: [] });
});

test("each fault leads to its field", async ({ visitor }) => {
  await visitor.openForm("/signup");
  await visitor.createAccount.click();
  for (const [fault, field] of [
    ["Enter your name.", visitor.name],
    ["Enter your email address.", visitor.email],
    ["Enter a password.", visitor.password],
  ] as const) {
    await visitor.alert.getByRole("link", { name: fault }).click();
    await expect(field).toBeFocused();
    await expect(field).toBeInViewport();
  }
});

test("faults that only the server finds are shown without a page load", async ({
  visitor,
  complaints,
  person,
}) => {
  complaints.allow(/^status 422: POST \/api\/auth\/signup$/);
  await visitor.openForm("/signup");
  const seen = observe(visitor.page);
  await visitor.fillSignUp({ ...person, password: "password1" });
  await visitor.createAccount.click();

  await visitor.isTold("Too easy to guess. Choose a different password.");
  await expect(visitor.password).toHaveAttribute("aria-invalid", "true");
  expect(seen.posts).toHaveLength(1);
  expect(seen.loads).toEqual([]);
});

test("a message goes when the form is sent again", async ({ visitor, complaints, person }) => {
  complaints.allow(/^status 401: POST \/api\/auth\/login$/);
  await visitor.openForm("/login");
  await visitor.fillLogIn(person);
  await visitor.logInButton.click();
  await visitor.isTold("Incorrect email or password.");

  const answer = door();
  await visitor.page.route("/api/auth/login", async (route) => {
    await answer.opened;
    await route.continue();
  });
  await visitor.logInButton.click();
  await expect(visitor.alert).toBeHidden();
  await expect(visitor.page).toHaveTitle("Log in · Doorstep");
  answer.open();
  await visitor.isTold("Incorrect email or password.");
});

test("a form is busy while it is on its way, and is not sent twice", async ({ visitor, person }) => {
  await visitor.openForm("/signup");
  const seen = observe(visitor.page);
  const answer = door();
  await visitor.page.route("/api/auth/signup", async (route) => {
    await answer.opened;
    await route.continue();
  });
  await visitor.fillSignUp(person);
  await visitor.createAccount.click();

  const busy = visitor.page.getByRole("button", { name: "Creating your account…" });
  await expect(busy).toBeFocused();
  await expect(busy).toHaveAttribute("aria-disabled", "true");
  // Forced, since Playwright considers the button disabled.
  await busy.click({ force: true });
  await busy.press("Enter");
  await visitor.email.press("Enter");
  expect(seen.posts).toHaveLength(1);

  answer.open();
  await visitor.isAt("/account");
  expect(seen.posts).toHaveLength(1);
});

test("two clicks in a row send a form once", async ({ visitor, person }) => {
  await visitor.openForm("/signup");
  const seen = observe(visitor.page);
  await visitor.fillSignUp(person);
  await visitor.createAccount.dblclick();
  await visitor.isAt("/account");
  expect(seen.posts).toHaveLength(1);
});

test("a click right after a slip in the address sends the form: nothing moves under the pointer", async ({
  visitor,
  person,
}) => {
  const { page } = visitor;
  const email = person.email.replace("shop.example", "gmial.com");
  await visitor.openForm("/signup");
  await visitor.name.fill(person.name);
  await visitor.password.fill(person.password);
  await visitor.email.pressSequentially(email);
  // Its layout position: the shift of a pressed button is only visual.
  const place = () => visitor.createAccount.evaluate((button: HTMLElement) => button.offsetTop);
  const before = await place();

  await visitor.createAccount.hover();
  await page.mouse.down();
  // The field has lost the focus, and the suggestion is shown above the pressed button.
  await expect(page.getByRole("button", { name: "Did you mean" })).toBeVisible();
  expect(await place()).toBe(before);
  await page.mouse.up();
  await visitor.isAt("/account");
  await expect(page.getByRole("definition").nth(1)).toContainText(email);
});

/** A plain form, and the number of tab stops from its last field to its button. */
const PLAIN_FORMS: {
  path: string;
  action: string;
  label: string;
  busyLabel: string;
  stops: number;
  fill: (page: Page, person: Person) => Promise<void>;
}[] = [
  {
    path: "/account/security",
    action: "/api/auth/change-password",
    label: "Change password",
    busyLabel: "Changing your password…",
    stops: 2,
    fill: async (page, { password }) => {
      await page.getByLabel("Current password", { exact: true }).fill(password);
      await page.getByLabel("New password", { exact: true }).fill("four quiet otters");
    },
  },
  {
    path: "/account/confirm",
    action: "/api/auth/confirm",
    label: "Confirm",
    busyLabel: "Confirming…",
    stops: 2,
    fill: (page, { password }) => page.getByLabel("Password", { exact: true }).fill(password),
  },
  {
    path: "/account/email",
    action: "/api/auth/change-email",
    label: "Change email",
    busyLabel: "Sending…",
    stops: 1,
    fill: (page) => page.getByLabel("New email address").fill(newPerson().email),
  },
];

for (const { path, action, label, busyLabel, stops, fill } of PLAIN_FORMS) {
  test(`the plain form of ${path} is busy while it is on its way, and is not sent twice`, async ({
    visitor,
    person,
  }) => {
    const { page } = visitor;
    await visitor.become(person);
    await page.goto(path);
    const seen = observe(page);
    const answer = door();
    await page.route(action, async (route) => {
      await answer.opened;
      await route.continue();
    });
    await fill(page, person);
    await page.keyboard.press("Tab");
    await tabTo(page, page.getByRole("button", { name: label, exact: true }), "Shift+Tab");
    const button = await watch(page, "main form button[type=submit]");
    const sent = page.waitForRequest(action);
    await page.keyboard.press("Enter");
    await sent;
    await expect.poll(() => button.at(-1)).toMatch(`>${busyLabel}</button>`);
    expect(button.at(-1)).toContain('aria-disabled="true"');

    // On the button, and in the field before it.
    await page.keyboard.press("Enter");
    for (let stop = 0; stop < stops; stop += 1) await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    expect(seen.posts).toHaveLength(1);

    answer.open();
    await expect(page.getByRole("button", { name: busyLabel })).toBeHidden();
    await expect(visitor.alert).toBeHidden();
    expect(seen.posts).toHaveLength(1);
  });
}

test("two clicks in a row send a plain form once", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.become(person);
  await page.goto("/account/security");
  const seen = observe(page);
  await page.getByLabel("Current password", { exact: true }).fill(person.password);
  await page.getByLabel("New password", { exact: true }).fill("four quiet otters");
  await page.getByRole("button", { name: "Change password" }).dblclick();
  await expect(visitor.toast).toContainText("Your password has been changed");
  expect(seen.posts).toHaveLength(1);
});

test("before all other devices are signed out it is asked, and a no changes nothing", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.become(person);
  await visitor.logInElsewhere(person);
  await page.goto("/account/sessions");
  const seen = observe(page);
  const signOutOthers = page.getByRole("button", { name: "Sign out all other devices" });
  const dialog = page.getByRole("dialog", { name: "Sign out all other devices?" });

  for (const no of [
    () => dialog.getByRole("button", { name: "Cancel" }).click(),
    () => page.keyboard.press("Escape"),
  ]) {
    await signOutOthers.click();
    await expect(dialog).toBeVisible();
    await expect(dialog).toContainText("They'll need to log in again. You'll stay signed in here.");
    await expect(dialog.getByRole("button", { name: "Sign out other devices" })).toBeFocused();
    await no();
    await expect(dialog).toBeHidden();
    await expect(signOutOthers).toBeFocused();
    await expect(signOutOthers).not.toHaveAttribute("aria-disabled");
  }
  expect(seen).toEqual({ posts: [], loads: [] });
  await expect(visitor.main.getByRole("listitem")).toHaveCount(2);

  await signOutOthers.click();
  await dialog.getByRole("button", { name: "Sign out other devices" }).click();
  await expect(visitor.toast).toContainText("Signed out. You'll need to log in there again.");
  await expect(visitor.main.getByRole("listitem")).toHaveCount(1);
  expect(seen.posts).toHaveLength(1);
});

test("while it is asked, nothing else of the page can be used", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.become(person);
  await visitor.logInElsewhere(person);
  await page.goto("/account/sessions");
  await page.getByRole("button", { name: "Sign out all other devices" }).click();
  const dialog = page.getByRole("dialog");
  await visitor.logOutButton.focus();
  await expect(visitor.logOutButton).not.toBeFocused();
  await expect(dialog.getByRole("button", { name: "Sign out other devices" })).toBeFocused();
});

test("word of what was done can be put away, and does not come back", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.become(person);
  await page.goto("/account/email");
  await page.getByLabel("New email address").fill(newPerson().email);
  await page.keyboard.press("Enter");
  await expect(visitor.toast).toContainText("Check your new inbox.");
  await expect(visitor.toast).toBeFocused();
  await visitor.toast.getByRole("button", { name: "Dismiss" }).click();
  await expect(visitor.toast).toBeHidden();
  await page.reload();
  await expect(visitor.toast).toBeHidden();
});

test("a lost connection is said to be one, and the form can be sent again", async ({
  visitor,
  complaints,
  person,
}) => {
  complaints.allow(/^failed: POST \/api\/auth\/signup net::ERR_INTERNET_DISCONNECTED$/);
  await visitor.openForm("/signup");
  await visitor.page.route("/api/auth/signup", (route) => route.abort("internetdisconnected"), { times: 1 });
  await visitor.fillSignUp(person);
  await visitor.createAccount.click();

  await visitor.isTold("We're having trouble right now. Try again in a moment.");
  await expect(visitor.name).toHaveValue(person.name);
  await expect(visitor.email).toHaveValue(person.email);
  await expect(visitor.password).toHaveValue(person.password);

  await visitor.createAccount.click();
  await visitor.isAt("/account");
});

for (const { what, answer, message } of [
  {
    what: "a store that does not answer",
    answer: { status: 503, json: { code: "unavailable", message: "" } },
    message: "We're having trouble right now. Try again in a moment.",
  },
  {
    what: "one attempt too many",
    answer: { status: 429, json: { code: "too_many_attempts", message: "" } },
    message: "Too many attempts. Wait a while, then try again.",
  },
  {
    what: "an answer that is not of the shop",
    answer: { status: 502, contentType: "text/html", body: "<h1>Bad Gateway</h1>" },
    message: "We're having trouble right now. Try again in a moment.",
  },
]) {
  test(`${what} is said in words, and what was typed stays`, async ({ visitor, complaints, person }) => {
    complaints.allow(/^status (503|429|502): POST \/api\/auth\/login$/);
    await visitor.openForm("/login");
    await visitor.page.route("/api/auth/login", (route) => route.fulfill(answer));
    await visitor.fillLogIn(person);
    await visitor.logInButton.click();

    await visitor.isTold(message);
    await expect(visitor.email).toHaveValue(person.email);
    await expect(visitor.password).toHaveValue(person.password);
    await expect(visitor.logInButton).not.toHaveAttribute("aria-disabled");
  });
}

for (const path of ["/signup", "/login"]) {
  test.describe("on a screen with no room", () => {
    test.use({ viewport: { width: 375, height: 400 } });

    test(`a message above the form at ${path} comes into view`, async ({ visitor, complaints, person }) => {
      complaints.allow(/^status 503: POST/);
      const answer = { status: 503, json: { code: "unavailable", message: "" } };
      await visitor.openForm(path);
      await visitor.page.route("/api/auth/*", (route) => route.fulfill(answer));
      if (path === "/signup") await visitor.name.fill(person.name);
      await visitor.fillLogIn(person);
      await visitor.page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
      await visitor.page.getByRole("button", { name: /^(Create account|Log in)$/ }).click();

      await visitor.isTold("We're having trouble right now. Try again in a moment.");
      await expect(visitor.alert).toBeInViewport({ ratio: 1 });
    });
  });
}

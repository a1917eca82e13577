import type { Page } from "@playwright/test";

import { door, expect, test } from "../support.ts";

/** What `page` sends from now on, and how often it is loaded anew. */
function observe(page: Page): { posts: string[]; loads: string[] } {
  const seen = { posts: [] as string[], loads: [] as string[] };
  page.on("request", (request) => {
    if (request.method() !== "GET") seen.posts.push(request.url());
    if (request.isNavigationRequest()) seen.loads.push(request.url());
  });
  return seen;
}

test("faults are shown without a request, with the focus on the first of them", async ({
  visitor,
  person,
}) => {
  await visitor.openForm("/signup");
  const seen = observe(visitor.page);

  await visitor.fillSignUp({ ...person, email: "nobody", password: "short" });
  await visitor.createAccount.click();
  await expect(visitor.email).toBeFocused();
  await expect(visitor.email).toHaveAttribute("aria-invalid", "true");
  await expect(visitor.password).toHaveAttribute("aria-invalid", "true");
  await expect(visitor.password).toHaveValue("short");

  await visitor.email.fill(person.email);
  await visitor.createAccount.click();
  await expect(visitor.password).toBeFocused();
  await expect(visitor.email).not.toHaveAttribute("aria-invalid");
  await expect(visitor.email).toHaveAccessibleDescription("");

  await visitor.name.fill("");
  await visitor.password.press("Enter");
  await expect(visitor.name).toBeFocused();
  expect(seen).toEqual({ posts: [], loads: [] });
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

  await expect(visitor.password).toBeFocused();
  await expect(visitor.password).toHaveAttribute("aria-invalid", "true");
  expect(seen.posts).toHaveLength(1);
  expect(seen.loads).toEqual([]);
});

test("a message goes when the form is sent again", async ({ visitor, complaints, person }) => {
  complaints.allow(/^status 401: POST \/api\/auth\/login$/);
  await visitor.openForm("/login");
  await visitor.fillLogIn(person);
  await visitor.logInButton.click();
  await expect(visitor.alert).toHaveText("The email address or the password is wrong.");

  const answer = door();
  await visitor.page.route("/api/auth/login", async (route) => {
    await answer.opened;
    await route.continue();
  });
  await visitor.logInButton.click();
  await expect(visitor.alert).toBeHidden();
  answer.open();
  await expect(visitor.alert).toBeVisible();
});

test("a password can be shown and hidden, and stays what it is", async ({ visitor, person }) => {
  for (const path of ["/signup", "/login"]) {
    await visitor.openForm(path);
    await visitor.password.fill(person.password);
    await expect(visitor.showPassword).toHaveAttribute("aria-pressed", "false");
    await expect(visitor.password).toHaveAttribute("type", "password");

    await visitor.showPassword.click();
    await expect(visitor.showPassword).toHaveAttribute("aria-pressed", "true");
    await expect(visitor.password).toHaveAttribute("type", "text");
    await expect(visitor.password).toHaveValue(person.password);

    await visitor.showPassword.press("Space");
    await expect(visitor.showPassword).toHaveAttribute("aria-pressed", "false");
    await expect(visitor.password).toHaveAttribute("type", "password");
    await expect(visitor.password).toHaveValue(person.password);
  }
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
  // By force, since to Playwright the button is disabled.
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

  await expect(visitor.alert).toHaveText("We cannot answer right now. Please try again in a moment.");
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
    message: "We cannot answer right now. Please try again in a moment.",
  },
  {
    what: "one attempt too many",
    answer: { status: 429, json: { code: "too_many_attempts", message: "" } },
    message: "Too many attempts. Please wait a while, then try again.",
  },
  {
    what: "an answer that is none of the shop's",
    answer: { status: 502, contentType: "text/html", body: "<h1>Bad Gateway</h1>" },
    message: "We cannot answer right now. Please try again in a moment.",
  },
]) {
  test(`${what} is said in words, and what was typed stays`, async ({ visitor, complaints, person }) => {
    complaints.allow(/^status (503|429|502): POST \/api\/auth\/login$/);
    await visitor.openForm("/login");
    await visitor.page.route("/api/auth/login", (route) => route.fulfill(answer));
    await visitor.fillLogIn(person);
    await visitor.logInButton.click();

    await expect(visitor.alert).toHaveText(message);
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

      await expect(visitor.alert).toHaveText("We cannot answer right now. Please try again in a moment.");
      await expect(visitor.alert).toBeInViewport({ ratio: 1 });
    });
  });
}

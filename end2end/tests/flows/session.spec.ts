import { expect, test } from "../support.ts";

test("without its access token a page stays signed in, and so does the next", async ({
  visitor,
  context,
  person,
}) => {
  await visitor.signUp(person);
  await context.clearCookies({ name: "accessToken" });
  await visitor.page.reload();
  await expect(visitor.page.getByRole("definition").nth(1)).toContainText(person.email);
  await visitor.page.reload();
  await visitor.isAt("/account");
  await visitor.isSignedIn();
});

test("with an invalid access token, a page stays signed in", async ({
  visitor,
  context,
  person,
  baseURL,
}) => {
  await visitor.signUp(person);
  for (const value of ["e30.e30.e30", "nonsense"]) {
    await context.addCookies([{ name: "accessToken", value, url: baseURL ?? "" }]);
    await visitor.page.goto("/account");
    await visitor.isAt("/account");
    await expect(visitor.page.getByRole("definition").nth(1)).toContainText(person.email);
  }
});

test("several pages that load at once without an access token all stay signed in", async ({
  visitor,
  context,
  person,
}) => {
  await visitor.signUp(person);
  const pages = await Promise.all(Array.from({ length: 5 }, () => context.newPage()));
  for (let round = 0; round < 3; round += 1) {
    await context.clearCookies({ name: "accessToken" });
    await Promise.all(pages.map((page) => page.goto(round === 1 ? "/" : "/account")));
    for (const page of pages) {
      await expect(page.getByRole("button", { name: "Log out" })).toBeVisible();
    }
  }
  await visitor.page.reload();
  await visitor.isAt("/account");
});

test("logging out works without an access token too", async ({ visitor, context, person }) => {
  await visitor.signUp(person);
  await context.clearCookies({ name: "accessToken" });
  await visitor.logOut();
  await visitor.page.goto("/account");
  await visitor.isAt("/login?next=/account");
});

test("no cookie is in the reach of scripts and other sites, and those of the session go with the logout", async ({
  visitor,
  context,
  person,
}) => {
  await visitor.signUp(person);
  const cookies = await context.cookies();
  expect(cookies.map((cookie) => cookie.name).sort()).toEqual(["accessToken", "browser", "refreshToken"]);
  for (const cookie of cookies) {
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
    expect(cookie.expires).toBeGreaterThan(Date.now() / 1000);
  }
  await visitor.logOut();
  expect((await context.cookies()).map((cookie) => cookie.name)).toEqual(["browser"]);
});

test("a logout on one device leaves the other signed in", async ({ visitor, anotherDevice, person }) => {
  await visitor.signUp(person);
  const other = await anotherDevice();
  await other.logIn(person);

  await visitor.logOut();
  await other.page.reload();
  await other.isAt("/account");
  await expect(other.page.getByRole("definition").nth(1)).toContainText(person.email);
});

test("cookies that were kept from before a logout open nothing", async ({ visitor, context, person }) => {
  await visitor.signUp(person);
  const kept = await context.cookies();
  await visitor.logOut();

  await context.addCookies(kept);
  await visitor.page.goto("/account");
  await visitor.isAt("/login?next=/account");
  expect((await context.cookies()).map((cookie) => cookie.name)).toEqual(["browser"]);
});

test("a logout in one tab is one in every tab", async ({ visitor, context, complaints, person, scripts }) => {
  complaints.allow(/GET \/api\/auth\/profile/);
  await visitor.signUp(person);
  const tab = await context.newPage();
  await tab.goto("/account");
  await visitor.logOut();

  if (!scripts) {
    await tab.getByRole("button", { name: "Log out" }).click();
    await expect(tab).toHaveURL("/");
    await tab.goto("/account");
  }
  await expect(tab).toHaveURL(/\/login\?next=(\/|%2F)account$/);
});

test("going back after a logout shows nothing private", async ({ visitor, person }) => {
  await visitor.signUp(person);
  await visitor.page.goto("/");
  await expect(visitor.page.getByRole("heading", { level: 1 })).toHaveText(`Hello, ${person.name}`);
  await visitor.page.goto("/account");
  await visitor.logOut();
  await visitor.seesNothingOf(person);

  await visitor.page.goBack();
  await visitor.isAt("/login?next=/account");
  await visitor.seesNothingOf(person);
  await visitor.page.goBack();
  await visitor.isAt("/");
  await visitor.isSignedOut();
  await visitor.seesNothingOf(person);
});

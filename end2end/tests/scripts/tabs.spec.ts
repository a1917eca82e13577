import { expect, test } from "../support.ts";

test("signing out in one tab sends the others to the login", async ({
  visitor,
  context,
  complaints,
  person,
}) => {
  complaints.allow(/GET \/api\/auth\/profile/);
  await visitor.signUp(person);
  const other = await context.newPage();
  await other.goto("/account/sessions");
  await visitor.logOut();
  await expect(other).toHaveURL("/login?next=%2Faccount%2Fsessions");
});

test("a tab of a customer who stays signed in stays where it is", async ({
  visitor,
  context,
  complaints,
  person,
}) => {
  complaints.allow(/^failed: POST \/api\/auth\/logout/);
  await visitor.signUp(person);
  const other = await context.newPage();
  await other.goto("/account/sessions");
  const asked = other.waitForResponse("/api/auth/profile");
  // The request is sent but never arrives.
  await visitor.page.route("/api/auth/logout", (route) => route.abort("aborted"));
  await visitor.logOutButton.click();
  expect((await asked).status()).toBe(200);
  await expect(other).toHaveURL("/account/sessions");
});

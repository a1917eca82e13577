import { expect, newPerson, test } from "../support.ts";

const WRONG = "Incorrect email or password.";

test("a wrong password and an unknown address get the same answer", async ({
  visitor,
  complaints,
  person,
  scripts,
}) => {
  complaints.allow(/^status 401: POST \/api\/auth\/login$/);
  await visitor.signUp(person);
  await visitor.logOut();

  for (const attempt of [{ ...person, password: "a walk by the sea" }, newPerson()]) {
    await visitor.openForm("/login");
    await visitor.fillLogIn(attempt);
    await visitor.logInButton.click();

    await visitor.isTold(WRONG);
    await expect(visitor.alert.getByRole("link")).toHaveCount(0);
    await expect(visitor.email).toHaveValue(attempt.email);
    await expect(visitor.password).toHaveValue(scripts ? attempt.password : "");
    await expect(visitor.email).not.toHaveAttribute("aria-invalid");
    await visitor.isSignedOut();
  }
  expect(await visitor.page.content()).not.toContain(person.password);
});

test("the right password after a wrong one is enough", async ({ visitor, complaints, person }) => {
  complaints.allow(/^status 401: POST \/api\/auth\/login$/);
  await visitor.signUp(person);
  await visitor.logOut();
  await visitor.openForm("/login");
  await visitor.fillLogIn({ ...person, password: "a walk by the sea" });
  await visitor.logInButton.click();
  await visitor.isTold(WRONG);

  await visitor.formIsReady();
  await visitor.password.fill(person.password);
  await visitor.logInButton.click();
  await visitor.isAt("/account");
});

test("every fault of a login is shown at once, beside its field", async ({ visitor }) => {
  await visitor.openForm("/login");
  await visitor.email.fill("ada@home");
  await visitor.logInButton.click();

  await visitor.isTold("Some fields are invalid.");
  await expect(visitor.alert.getByRole("link")).toHaveText([
    "Enter an email address like name@example.com.",
    "Enter a password.",
  ]);
  await expect(visitor.email).toHaveAccessibleDescription("Enter an email address like name@example.com.");
  await expect(visitor.password).toHaveAccessibleDescription("Enter a password.");
  for (const field of [visitor.email, visitor.password]) {
    await expect(field).toHaveAttribute("aria-invalid", "true");
  }
  await expect(visitor.email).toHaveValue("ada@home");
});

test("the account asks for a login first, and is there after it", async ({ visitor, person }) => {
  await visitor.signUp(person);
  await visitor.logOut();

  await visitor.page.goto("/account");
  await visitor.isAt("/login?next=/account");
  await visitor.formIsReady();
  await visitor.fillLogIn(person);
  await visitor.logInButton.click();
  await visitor.isAt("/account");
  await expect(visitor.page.getByRole("definition").nth(1)).toContainText(person.email);
});

test("the way on survives a query of its own, a fault and the change to the other form", async ({
  visitor,
  person,
}) => {
  const target = "/account?tab=orders&page=2&q=a%26b%2Bc";
  await visitor.page.goto(target);
  await expect(visitor.page).toHaveURL(/\/login\?next=/);
  await visitor.formIsReady();
  await visitor.logInButton.click();
  await expect(visitor.alert).toBeVisible();

  await visitor.main.getByRole("link", { name: "Create an account" }).click();
  await expect(visitor.page).toHaveURL(/\/signup\?next=/);
  await visitor.formIsReady();
  await visitor.createAccount.click();
  await expect(visitor.alert).toBeVisible();
  await visitor.formIsReady();
  await visitor.fillSignUp(person);
  await visitor.createAccount.click();
  await visitor.isAt(target);
  await visitor.logOut();

  await visitor.openForm(`/login?next=${encodeURIComponent(target)}`);
  await visitor.fillLogIn(person);
  await visitor.logInButton.click();
  await visitor.isAt(target);
});

test("no way on leads off the site", async ({ visitor, person }) => {
  await visitor.signUp(person);
  const hostile = [
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "/%09/evil.example",
    "javascript:alert(1)",
  ];
  for (const next of hostile) {
    await visitor.page.goto(`/login?next=${encodeURIComponent(next)}`);
    await visitor.isAt("/account");
    await visitor.logOut();
    await visitor.openForm(`/login?next=${encodeURIComponent(next)}`);
    await visitor.fillLogIn(person);
    await visitor.logInButton.click();
    await visitor.isAt("/account");
  }
});

test("a signed-in customer does not see the forms", async ({ visitor, person }) => {
  await visitor.signUp(person);
  for (const path of ["/login", "/signup"]) {
    await visitor.page.goto(path);
    await visitor.isAt("/account");
  }
});

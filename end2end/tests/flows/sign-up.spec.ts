import { expect, newPerson, test } from "../support.ts";

test("a visitor signs up, sees the account, logs out and logs in again", async ({ visitor, person }) => {
  await visitor.page.goto("/");
  await visitor.isSignedOut();
  await visitor.main.getByRole("link", { name: "Create an account" }).click();
  await visitor.isAt("/signup");
  await visitor.formIsReady();
  await visitor.fillSignUp(person);
  await visitor.createAccount.click();

  await visitor.isAt("/account");
  await expect(visitor.page.getByRole("heading", { level: 1 })).toHaveText("Your account");
  await expect(visitor.page.getByRole("definition").nth(0)).toHaveText(person.name);
  await expect(visitor.page.getByRole("definition").nth(1)).toContainText(person.email);
  await visitor.page.getByRole("link", { name: "Doorstep" }).click();
  await expect(visitor.page.getByRole("heading", { level: 1 })).toHaveText(`Hello, ${person.name}`);

  await visitor.logOut();
  await visitor.logIn(person);
  await expect(visitor.page.getByRole("definition").nth(1)).toContainText(person.email);
});

test("every fault of a sign-up is shown at once, beside its field", async ({ visitor, scripts }) => {
  const typed = { name: " ", email: "ada at home", password: "short" };
  await visitor.openForm("/signup");
  await visitor.fillSignUp(typed);
  await visitor.createAccount.click();

  await visitor.isTold("Some fields are invalid.");
  await expect(visitor.alert.getByRole("link")).toHaveText([
    "Enter your name.",
    "Enter an email address like name@example.com.",
    "Use at least 8 characters.",
  ]);
  await expect(visitor.name).toHaveAccessibleDescription("Enter your name.");
  await expect(visitor.email).toHaveAccessibleDescription("Enter an email address like name@example.com.");
  await expect(visitor.password).toHaveAccessibleDescription(/Use at least 8 characters\.$/);
  for (const field of [visitor.name, visitor.email, visitor.password]) {
    await expect(field).toHaveAttribute("aria-invalid", "true");
  }

  await expect(visitor.name).toHaveValue(typed.name);
  // A value that may be a password is never sent back. With scripts it was never sent, so the field keeps it.
  await expect(visitor.email).toHaveValue(scripts ? typed.email : "");
  await expect(visitor.password).toHaveValue(scripts ? typed.password : "");
  expect(await visitor.page.content()).not.toContain(`"${typed.password}"`);
});

test("an empty sign-up says what is missing", async ({ visitor }) => {
  await visitor.openForm("/signup");
  await visitor.createAccount.click();

  await expect(visitor.name).toHaveAccessibleDescription("Enter your name.");
  await expect(visitor.email).toHaveAccessibleDescription("Enter your email address.");
  await expect(visitor.password).toHaveAccessibleDescription(/Enter a password\.$/);
});

test("what was wrong is gone once it is put right", async ({ visitor, person }) => {
  await visitor.openForm("/signup");
  await visitor.fillSignUp({ ...person, email: "nobody" });
  await visitor.createAccount.click();
  await expect(visitor.email).toHaveAttribute("aria-invalid", "true");
  await expect(visitor.name).not.toHaveAttribute("aria-invalid");

  await visitor.formIsReady();
  await visitor.email.fill(person.email);
  await visitor.password.fill(person.password);
  await visitor.createAccount.click();
  await visitor.isAt("/account");
  await expect(visitor.page.getByRole("definition").nth(0)).toHaveText(person.name);
});

test("faults do not outlive the page that shows them", async ({ visitor }) => {
  await visitor.openForm("/signup");
  await visitor.createAccount.click();
  await expect(visitor.alert).toBeVisible();

  await visitor.page.goto("/signup");
  await expect(visitor.page).toHaveTitle("Create your account · Doorstep");
  await expect(visitor.alert).toBeHidden();
  await expect(visitor.name).not.toHaveAttribute("aria-invalid");
});

test("an address that is taken is said to be, and what was typed stays", async ({
  visitor,
  anotherDevice,
  complaints,
  person,
}) => {
  complaints.allow(/^status 409: POST \/api\/auth\/signup$/);
  await visitor.signUp(person);

  const other = await anotherDevice();
  await other.openForm("/signup");
  await other.fillSignUp({ ...person, name: "Grace Hopper", email: person.email.toUpperCase() });
  await other.createAccount.click();

  await other.isTold("There is already an account with this email address. Log in instead.");
  await expect(other.name).toHaveValue("Grace Hopper");
  await expect(other.email).toHaveValue(person.email.toUpperCase());
  await other.isSignedOut();
});

test("a common password is refused with the reason", async ({ visitor, complaints, person, scripts }) => {
  complaints.allow(/^status 422: POST \/api\/auth\/signup$/);
  await visitor.openForm("/signup");
  await visitor.fillSignUp({ ...person, password: "iloveyou1" });
  await visitor.createAccount.click();

  await visitor.isTold("Too easy to guess. Choose a different password.");
  await expect(visitor.password).toHaveAccessibleDescription(
    /Too easy to guess\. Choose a different password\.$/,
  );
  await expect(visitor.password).toHaveValue(scripts ? "iloveyou1" : "");
  await expect(visitor.name).toHaveValue(person.name);
  await expect(visitor.email).toHaveValue(person.email);
  expect(await visitor.page.content()).not.toContain("iloveyou1");
});

test("a password made of the own name is refused with the reason", async ({ visitor, person }) => {
  await visitor.openForm("/signup");
  await visitor.fillSignUp({ ...person, password: "Lovelace1815" });
  await visitor.createAccount.click();

  await expect(visitor.password).toHaveAccessibleDescription(/Don't use your name/);
});

test("a name full of markup is a name", async ({ visitor, person, scripts }) => {
  const name = `</script><img src=x onerror=alert(1)>"'><b>&amp;{{1}}`;
  await visitor.openForm("/signup");
  await visitor.fillSignUp({ ...person, name, email: `"><script>alert(1)</script>` });
  await visitor.createAccount.click();
  await expect(visitor.email).toHaveAttribute("aria-invalid", "true");
  await expect(visitor.name).toHaveValue(name);
  await expect(visitor.email).toHaveValue(scripts ? `"><script>alert(1)</script>` : "");

  await visitor.signUp({ ...person, name });
  await expect(visitor.page.getByRole("definition").nth(0)).toHaveText(name);
  await visitor.page.goto("/");
  await expect(visitor.page.getByRole("heading", { level: 1 })).toHaveText(`Hello, ${name}`);
  await expect(visitor.page).toHaveTitle("Welcome back · Doorstep");
});

test("names of any script, and long ones, are shown as they were typed", async ({ visitor, person }) => {
  const name = "Zoë 李小龍 محمد 👩🏽‍💻 ".padEnd(100, "x");
  await visitor.signUp({ ...person, name });
  await expect(visitor.page.getByRole("definition").nth(0)).toHaveText(name);
});

for (const [first, second] of [
  ["bücher.example", "xn--bcher-kva.example"],
  ["xn--bcher-kva.example", "BÜCHER.example"],
] as const) {
  test(`an address at ${first} is the one at ${second}`, async ({ visitor, person }) => {
    const local = newPerson().email.split("@")[0] ?? "";
    await visitor.signUp({ ...person, email: `${local}@${first}` });
    await visitor.logOut();
    await visitor.logIn({ ...person, email: `${local}@${second}` });
    await visitor.logOut();
    await visitor.logIn({ ...person, email: ` ${local.toUpperCase()}@${first} ` });
  });
}

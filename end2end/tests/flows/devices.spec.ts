import { expect, test } from "../support.ts";

test("a device is seen on another, and signed out from there", async ({
  visitor,
  anotherDevice,
  person,
}) => {
  await visitor.signUp(person);
  const laptop = await anotherDevice();
  await laptop.logIn(person);

  await visitor.page.getByRole("link", { name: "Manage devices" }).click();
  await visitor.isAt("/account/sessions");
  const devices = visitor.page.getByRole("main").getByRole("listitem");
  await expect(devices).toHaveCount(2);
  await expect(devices.filter({ hasText: "This device" })).toHaveCount(1);
  await visitor.page.getByRole("button", { name: "Sign out Chrome on Linux" }).click();
  await visitor.isAt("/account/sessions");
  await expect(visitor.toast).toContainText("Signed out. You'll need to log in there again.");
  await expect(visitor.toast).toBeFocused();
  await expect(devices).toHaveCount(1);
  await expect(visitor.main).toContainText("You're only signed in here.");

  await laptop.page.reload();
  await laptop.isAt("/login?next=/account");
  await visitor.page.goto("/account");
  await visitor.isSignedIn();
});

test("all other devices are signed out at once, and with scripts it is asked first", async ({
  visitor,
  anotherDevice,
  person,
  scripts,
}) => {
  await visitor.signUp(person);
  const others = [await anotherDevice(), await anotherDevice()];
  for (const other of others) await other.logIn(person);

  await visitor.page.goto("/account/sessions");
  await visitor.page.getByRole("button", { name: "Sign out all other devices" }).click();
  if (scripts) await visitor.page.getByRole("button", { name: "Sign out other devices" }).click();
  await expect(visitor.page.getByRole("main").getByRole("listitem")).toHaveCount(1);
  for (const other of others) {
    await other.page.reload();
    await other.isAt("/login?next=/account");
  }
});

test("a new password takes the place of the old one, and signs other devices out", async ({
  visitor,
  anotherDevice,
  complaints,
  person,
}) => {
  complaints.allow(/^status 401: POST \/api\/auth\/login$/);
  const password = "nine short otters";
  await visitor.signUp(person);
  const laptop = await anotherDevice();
  await laptop.logIn(person);

  await visitor.page.getByRole("link", { name: "Security" }).click();
  await visitor.page.getByLabel("Current password", { exact: true }).fill("not the password");
  await visitor.page.getByLabel("New password", { exact: true }).fill(password);
  await visitor.page.getByRole("button", { name: "Change password" }).click();
  await visitor.isTold("Some fields are invalid.", "That password isn't right.");
  const current = visitor.page.getByLabel("Current password", { exact: true });
  await expect(current).toHaveAccessibleDescription("That password isn't right.");
  await expect(current).toHaveValue("");

  await current.fill(person.password);
  await visitor.page.getByLabel("New password", { exact: true }).fill(password);
  await visitor.page.getByRole("button", { name: "Change password" }).click();
  await expect(visitor.toast).toContainText("Your password has been changed");
  await expect(visitor.toast).toBeFocused();
  await expect(visitor.page).toHaveTitle("Change your password · Doorstep");
  await visitor.isSignedIn();

  await laptop.page.reload();
  await laptop.isAt("/login?next=/account");
  await laptop.formIsReady();
  await laptop.fillLogIn(person);
  await laptop.logInButton.click();
  await expect(laptop.alert).toBeVisible();
  await laptop.logIn({ ...person, password });
});

test("a confirmed password leads back to where it was asked for", async ({ visitor, person }) => {
  await visitor.signUp(person);
  await visitor.page.goto("/account/confirm?next=/account/sessions");
  await visitor.password.fill(person.password);
  await visitor.page.getByRole("button", { name: "Confirm" }).click();
  await visitor.isAt("/account/sessions");
  await expect(visitor.page.getByRole("listitem").filter({ hasText: "This device" })).toHaveCount(1);
});

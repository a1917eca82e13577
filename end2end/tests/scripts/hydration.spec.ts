import { door, expect, test } from "../support.ts";

test("without its WebAssembly a form works as a plain one", async ({ visitor, complaints, person }) => {
  complaints.allow(/\.wasm/);
  complaints.allow(/^page error: Failed to fetch$/);
  await visitor.page.route("**/*.wasm", (route) => route.abort());

  await visitor.page.goto("/signup");
  await visitor.fillSignUp({ ...person, email: "nobody" });
  await visitor.createAccount.click();
  await expect(visitor.email).toHaveAccessibleDescription("Enter an email address like name@example.com.");
  await expect(visitor.name).toHaveValue(person.name);
  await expect(visitor.password).toHaveValue("");
  await visitor.isTold("Enter an email address like name@example.com.");
  await expect(visitor.page.locator("html")).not.toHaveAttribute("data-alive");

  await visitor.email.fill(person.email);
  await visitor.password.fill(person.password);
  await visitor.createAccount.click();
  await visitor.isAt("/account");
});

test("what is typed before a form is alive stays in it, and is shown if it was", async ({ visitor, person }) => {
  const wasm = door();
  await visitor.page.route("**/*.wasm", async (route) => {
    await wasm.opened;
    await route.continue();
  });
  await visitor.page.goto("/signup", { waitUntil: "commit" });
  await visitor.fillSignUp(person);
  await visitor.showPassword.click();
  await expect(visitor.password).toHaveAttribute("type", "text");
  await expect(visitor.page.locator("html")).not.toHaveAttribute("data-alive");
  await visitor.email.focus();

  wasm.open();
  await visitor.formIsReady();
  await expect(visitor.name).toHaveValue(person.name);
  await expect(visitor.email).toHaveValue(person.email);
  await expect(visitor.email).toBeFocused();
  await expect(visitor.password).toHaveValue(person.password);
  await expect(visitor.password).toHaveAttribute("type", "text");
  await visitor.createAccount.click();
  await visitor.isAt("/account");
});

test("a form that is sent before it is alive arrives", async ({ visitor, person }) => {
  const wasm = door();
  await visitor.page.route("**/*.wasm", async (route) => {
    await wasm.opened;
    await route.abort("aborted");
  });
  await visitor.page.goto("/signup", { waitUntil: "commit" });
  await visitor.fillSignUp(person);
  await visitor.password.press("Enter");
  await visitor.isAt("/account");
  wasm.open();
});

test("faults of a plain form are still there once it is alive", async ({ visitor, person }) => {
  const wasm = door();
  let held = true;
  await visitor.page.route("**/*.wasm", async (route) => {
    if (!held) return route.continue();
    await wasm.opened;
    await route.abort("aborted");
  });
  const asked = visitor.page.waitForRequest("**/*.wasm");
  await visitor.page.goto("/signup", { waitUntil: "commit" });
  await asked;
  held = false;
  await visitor.fillSignUp({ ...person, email: "nobody" });
  await visitor.createAccount.click();
  await expect(visitor.alert).toBeVisible();

  await visitor.formIsReady();
  await visitor.isTold("Some fields are invalid.", "Enter an email address like name@example.com.");
  await expect(visitor.email).toHaveAccessibleDescription("Enter an email address like name@example.com.");
  await expect(visitor.name).toHaveValue(person.name);
  await expect(visitor.email).toHaveValue("nobody");
  wasm.open();
});

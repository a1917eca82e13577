import { expect, test } from "../support.ts";

test("a sign-up needs no mouse", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.openForm("/signup");
  const stops = [
    page.getByRole("link", { name: "Skip to content" }),
    page.getByRole("link", { name: "Doorstep" }),
    page.getByRole("navigation").getByRole("link", { name: "Log in" }),
    page.getByRole("navigation").getByRole("link", { name: "Sign up" }),
    visitor.name,
    visitor.email,
    visitor.password,
    visitor.showPassword,
    visitor.createAccount,
    visitor.main.getByRole("link", { name: "Log in" }),
  ];
  for (const stop of stops) {
    await page.keyboard.press("Tab");
    await expect(stop).toBeFocused();
  }
  for (const stop of stops.slice(4, -1).reverse()) {
    await page.keyboard.press("Shift+Tab");
    await expect(stop).toBeFocused();
  }

  await page.keyboard.type(person.name);
  await page.keyboard.press("Tab");
  await page.keyboard.type(person.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(person.password);
  await page.keyboard.press("Enter");
  await visitor.isAt("/account");
});

test("Enter in a field sends the form, and never shows the password", async ({ visitor }) => {
  await visitor.openForm("/signup");
  await visitor.name.press("Enter");
  await expect(visitor.alert).toBeVisible();
  await expect(visitor.showPassword).toHaveAttribute("aria-pressed", "false");
});

test("a login and a logout need no mouse", async ({ visitor, person }) => {
  await visitor.signUp(person);
  await visitor.logOutButton.press("Enter");
  await visitor.isAt("/");
  await visitor.openForm("/login");
  await visitor.email.focus();
  await visitor.page.keyboard.type(person.email);
  await visitor.page.keyboard.press("Tab");
  await visitor.page.keyboard.type(person.password);
  await visitor.page.keyboard.press("Enter");
  await visitor.isAt("/account");
});

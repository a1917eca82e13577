import { newMail } from "../mailbox.ts";
import { expect, test } from "../support.ts";

const NEW = "four quiet otters";

test("a customer who forgot their password gets back in by a link", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.signUp(person);
  await visitor.logOut();

  await page.goto("/login");
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await visitor.isAt("/forgot-password");
  await visitor.email.fill(person.email);
  await page.getByRole("button", { name: "Send reset link" }).click();
  await expect(visitor.toast).toContainText("a link is on its way");

  const { text, html } = await newMail(person.email, "Reset your password");
  const link = /http\S+\/reset-password\?token=[\w-]+/.exec(text)?.[0] ?? "";
  expect(html).toContain(link);
  await page.goto(link);
  await page.getByLabel("New password", { exact: true }).fill("short");
  await page.keyboard.press("Enter");
  await visitor.isTold("Use at least 8 characters.");
  await page.getByLabel("New password", { exact: true }).fill(NEW);
  await page.keyboard.press("Enter");
  await expect(visitor.toast).toContainText("Your password has been changed");
  await visitor.isSignedOut();

  await newMail(person.email, "Your password was changed");
  await visitor.logIn({ ...person, password: NEW });
});

test("a link that was used says what to do next", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.signUp(person);
  await visitor.logOut();
  await page.goto("/forgot-password");
  await visitor.email.fill(person.email);
  await page.keyboard.press("Enter");
  // The mail may arrive before the page.
  await expect(visitor.toast).toContainText("a link is on its way");
  const { text } = await newMail(person.email, "Reset your password");
  const link = /http\S+\/reset-password\?token=[\w-]+/.exec(text)?.[0] ?? "";
  for (const outcome of ["Your password has been changed", "This link has expired or was already used"]) {
    await page.goto(link);
    await page.getByLabel("New password", { exact: true }).fill(NEW);
    await page.keyboard.press("Enter");
    await expect(visitor.main).toContainText(outcome);
  }
  await page.getByRole("link", { name: "request a new one" }).click();
  await visitor.isAt("/forgot-password");
});

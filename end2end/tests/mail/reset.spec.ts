import { newMail } from "../mailbox.ts";
import { expect, test } from "../support.ts";

const NEW = "four quiet otters";

test("whoever forgot their password gets back in by a link", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.signUp(person);
  await visitor.logOut();

  await page.goto("/login");
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await visitor.isAt("/forgot-password");
  await visitor.email.fill(person.email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(visitor.toast).toContainText("a link is on its way");

  const { text, html } = await newMail(person.email, "Choose a new password");
  const link = /http\S+\/reset-password\?token=[\w-]+/.exec(text)?.[0] ?? "";
  expect(html).toContain(link);
  await page.goto(link);
  await page.getByLabel("New password", { exact: true }).fill("short");
  await page.keyboard.press("Enter");
  await visitor.isTold("Use 8 characters or more.");
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
  // Mail may come before the page does.
  await expect(visitor.toast).toContainText("a link is on its way");
  const { text } = await newMail(person.email, "Choose a new password");
  const link = /http\S+\/reset-password\?token=[\w-]+/.exec(text)?.[0] ?? "";
  for (const outcome of ["Your password has been changed", "This link is no longer good"]) {
    await page.goto(link);
    await page.getByLabel("New password", { exact: true }).fill(NEW);
    await page.keyboard.press("Enter");
    await expect(visitor.main).toContainText(outcome);
  }
  await page.getByRole("link", { name: "ask for a new one" }).click();
  await visitor.isAt("/forgot-password");
});

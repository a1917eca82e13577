import { tabThrough, tabTo, typeInto } from "../keyboard.ts";
import { newMail } from "../mailbox.ts";
import { expect, newPerson, test } from "../support.ts";

const NEW = "four quiet otters";

test("a customer who forgot their password gets back in without a mouse", async ({ visitor, person, scripts }) => {
  const { page } = visitor;
  await visitor.become(person);
  await page.context().clearCookies();
  await page.goto("/login");
  await visitor.formIsReady();
  await tabTo(page, page.getByRole("link", { name: "Forgot your password?" }));
  await page.keyboard.press("Enter");
  await visitor.isAt("/forgot-password");
  await typeInto(page, visitor.email, "nobody");
  await page.keyboard.press("Enter");
  await visitor.isTold("Enter an email address like name@example.com.");
  await tabThrough(page, [visitor.alert.getByRole("link")]);
  await page.keyboard.press("Enter");
  await expect(visitor.email).toBeFocused();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(person.email);
  await page.keyboard.press("Enter");
  await expect(visitor.toast).toContainText("a link is on its way");
  await expect(visitor.toast).toBeFocused();

  const { text } = await newMail(person.email, "Reset your password");
  await page.goto(/http\S+\/reset-password\?token=[\w-]+/.exec(text)?.[0] ?? "");
  await typeInto(page, page.getByLabel("New password", { exact: true }), NEW);
  if (scripts) await tabThrough(page, [visitor.showPassword]);
  await tabThrough(page, [page.getByRole("button", { name: "Change password" })]);
  await page.keyboard.press("Space");
  await expect(visitor.toast).toContainText("Your password has been changed");
  await expect(visitor.toast).toBeFocused();

  await tabTo(page, visitor.main.getByRole("link", { name: "Log in" }));
  await page.keyboard.press("Enter");
  await visitor.isAt("/login");
  await visitor.formIsReady();
  await typeInto(page, visitor.email, person.email);
  await typeInto(page, visitor.password, NEW);
  await page.keyboard.press("Enter");
  await visitor.isAt("/account");
});

test("an email address is changed without a mouse", async ({ visitor, person }) => {
  const { page } = visitor;
  const { email } = newPerson();
  const field = page.getByLabel("New email address");
  await visitor.become(person);
  await page.goto("/account");
  await tabTo(page, visitor.main.getByRole("link", { name: "Change your email address" }));
  await page.keyboard.press("Enter");
  await visitor.isAt("/account/email");
  await typeInto(page, field, person.email);
  await page.keyboard.press("Enter");
  await visitor.isTold("That's already your email address.");
  await tabThrough(page, [visitor.alert.getByRole("link")]);
  await page.keyboard.press("Enter");
  await expect(field).toBeFocused();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(email);
  await page.keyboard.press("Enter");
  await expect(visitor.toast).toContainText("Check your new inbox");
  await expect(visitor.toast).toBeFocused();

  await tabTo(page, page.getByRole("link", { name: "enter the code" }));
  await page.keyboard.press("Enter");
  await visitor.isAt("/change-email");
  const { text } = await newMail(email, "Confirm your new email address");
  await typeInto(page, page.getByLabel("Verification code"), /^ {2}(\d{6})\r?$/m.exec(text)?.[1] ?? "");
  await tabThrough(page, [page.getByRole("button", { name: "Use this email address" })]);
  await page.keyboard.press("Enter");
  await expect(visitor.toast).toContainText("Your email address has been changed");
  await expect(visitor.toast).toBeFocused();
});

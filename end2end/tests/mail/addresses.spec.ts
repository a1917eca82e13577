import { newMail } from "../mailbox.ts";
import { expect, newPerson, test } from "../support.ts";

const NEW = "four quiet otters";

/** Returns the link to this page in a mail, and checks that the HTML part has it as well. */
function link({ text, html }: { text: string; html: string }, page: string): string {
  const found = new RegExp(`http\\S+${page}\\?token=[\\w-]+`).exec(text)?.[0] ?? "";
  expect(html).toContain(found);
  return found;
}

test("a customer changes their address, and undoes a change that was not theirs", async ({
  visitor,
  person,
  anotherDevice,
}) => {
  const { page } = visitor;
  const { email } = newPerson();
  await visitor.signUp(person);
  await page.getByRole("link", { name: "Email address", exact: true }).click();
  await visitor.isAt("/account/email");
  await page.getByLabel("New email address").fill(person.email);
  await page.keyboard.press("Enter");
  await visitor.isTold("That's already your email address.");
  await page.getByLabel("New email address").fill(email);
  await page.keyboard.press("Enter");
  await expect(visitor.toast).toContainText("Check your new inbox");
  await expect(visitor.main).toContainText(`Check ${email} for our link`);

  await page.goto(link(await newMail(email, "Confirm your new email address"), "/change-email"));
  await page.getByRole("button", { name: "Use this email address" }).click();
  await expect(visitor.toast).toContainText("Your email address has been changed");
  await visitor.isSignedIn();

  const owner = await anotherDevice();
  await owner.page.goto(link(await newMail(person.email, "Your email address was changed"), "/secure-account"));
  await owner.page.getByRole("button", { name: "Secure my account" }).click();
  await expect(owner.toast).toContainText("You're signed out everywhere");
  await page.goto("/account");
  await visitor.isAt("/login?next=/account");

  await owner.page.goto(link(await newMail(person.email, "Reset your password"), "/reset-password"));
  await owner.page.getByLabel("New password", { exact: true }).fill(NEW);
  await owner.page.keyboard.press("Enter");
  await expect(owner.toast).toContainText("Your password has been changed");
  await page.goto("/login");
  await visitor.logIn({ email: person.email, password: NEW });
});

test("a proposed address is taken by its code, or cancelled", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.signUp(person);
  for (const { email } of [newPerson(), newPerson()]) {
    await page.goto("/account/email");
    await page.getByLabel("New email address").fill(email);
    await page.keyboard.press("Enter");
    await expect(visitor.main).toContainText(`Check ${email} for our link`);
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(visitor.toast).toContainText("Email change cancelled.");
  }
  const { email } = newPerson();
  await page.getByLabel("New email address").fill(email);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "enter the code" }).click();
  const { text } = await newMail(email, "Confirm your new email address");
  await page.getByLabel("Verification code").fill(/^ {2}(\d{6})\r?$/m.exec(text)?.[1] ?? "");
  await page.keyboard.press("Enter");
  await expect(visitor.toast).toContainText("Your email address has been changed");
  await page.goto("/account");
  await expect(visitor.main).toContainText(email);
});

test("the account page asks to verify, until that was done", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.signUp(person);
  await page.getByRole("link", { name: "Verify your email" }).click();
  await page.goto(link(await newMail(person.email, "Verify your email address"), "/verify-email"));
  await page.getByRole("button", { name: "Verify my email address" }).click();
  await visitor.isAt("/account");
  await expect(page.getByRole("link", { name: "Verify your email" })).toBeHidden();
});

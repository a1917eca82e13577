import { newMail } from "../mailbox.ts";
import { expect, newPerson, test } from "../support.ts";

const NEW = "four quiet otters";

/** The link of a mail to this page, which a reader of HTML gets as well. */
function link({ text, html }: { text: string; html: string }, page: string): string {
  const found = new RegExp(`http\\S+${page}\\?token=[\\w-]+`).exec(text)?.[0] ?? "";
  expect(html).toContain(found);
  return found;
}

test("a customer takes another address, and whoever did not want that puts it back", async ({
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
  await visitor.isTold("This is your address already.");
  await page.getByLabel("New email address").fill(email);
  await page.keyboard.press("Enter");
  await expect(visitor.toast).toContainText("We wrote to your new address");
  await expect(visitor.main).toContainText(`Waiting for ${email}`);

  await page.goto(link(await newMail(email, "Use this email address"), "/change-email"));
  await page.getByRole("button", { name: "Use this address" }).click();
  await expect(visitor.toast).toContainText("Your email address has been changed");
  await visitor.isSignedIn();

  const owner = await anotherDevice();
  await owner.page.goto(link(await newMail(person.email, "Your email address was changed"), "/secure-account"));
  await owner.page.getByRole("button", { name: "Secure my account" }).click();
  await expect(owner.toast).toContainText("All devices are signed out");
  await page.goto("/account");
  await visitor.isAt("/login?next=/account");

  await owner.page.goto(link(await newMail(person.email, "Choose a new password"), "/reset-password"));
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
    await expect(visitor.main).toContainText(`Waiting for ${email}`);
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(visitor.toast).toContainText("Your address stays as it is.");
  }
  const { email } = newPerson();
  await page.getByLabel("New email address").fill(email);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "type its code" }).click();
  const { text } = await newMail(email, "Use this email address");
  await page.getByLabel("Code").fill(/^ {2}(\d{6})\r?$/m.exec(text)?.[1] ?? "");
  await page.keyboard.press("Enter");
  await expect(visitor.toast).toContainText("Your email address has been changed");
  await page.goto("/account");
  await expect(visitor.main).toContainText(email);
});

test("the account page asks to verify, until that was done", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.signUp(person);
  await page.getByRole("link", { name: "verify your email address" }).click();
  await page.goto(link(await newMail(person.email, "Verify your email address"), "/verify-email"));
  await page.getByRole("button", { name: "Verify my address" }).click();
  await visitor.isAt("/account");
  await expect(page.getByRole("link", { name: "verify your email address" })).toBeHidden();
});

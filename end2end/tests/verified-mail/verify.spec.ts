import { newMail } from "../mailbox.ts";
import { expect, test } from "../support.ts";

const SUBJECT = "Verify your email address";
const NEW = "four quiet otters";

/** Returns the link of a mail, and checks that the HTML part has it as well. */
function link({ text, html }: { text: string; html: string }): string {
  const found = /http\S+\/verify-email\?token=[\w-]+/.exec(text)?.[0] ?? "";
  expect(html).toContain(found);
  return found;
}

test("the code of the mail signs in who signed up", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.openForm("/signup?next=/account/security");
  await visitor.fillSignUp(person);
  await visitor.createAccount.click();
  await expect(page).toHaveURL(/\/verify-email\?next=\/account\/security$/);
  await expect(visitor.main).toContainText(person.email);
  await visitor.isSignedOut();

  const { text } = await newMail(person.email, SUBJECT);
  const code = /^ {2}(\d{6})\r?$/m.exec(text)?.[1] ?? "";
  await page.goto("/verify-email?next=/account/security");
  await page.getByLabel("Verification code").fill("12");
  await page.keyboard.press("Enter");
  await visitor.isTold("Enter all 6 digits.");
  await page.getByLabel("Verification code").fill(code);
  await page.keyboard.press("Enter");
  await visitor.isAt("/account/security");
});

test("the link of the mail signs in who signed up", async ({ visitor, person }) => {
  const { page } = visitor;
  await visitor.openForm("/signup");
  await visitor.fillSignUp(person);
  await visitor.createAccount.click();
  await visitor.isAt("/verify-email");
  await page.goto(link(await newMail(person.email, SUBJECT)));
  await expect(visitor.main).not.toContainText("You signed up in a different browser");
  await page.getByRole("button", { name: "Verify my email address" }).click();
  await visitor.isAt("/account");
});

test("the link followed elsewhere leads to a new password", async ({ visitor, person, anotherDevice }) => {
  const { page } = visitor;
  await visitor.openForm("/signup");
  await visitor.fillSignUp(person);
  await visitor.createAccount.click();
  await visitor.isAt("/verify-email");
  const { page: phone } = await anotherDevice();
  await phone.goto(link(await newMail(person.email, SUBJECT)));
  await expect(phone.getByRole("main")).toContainText("You signed up in a different browser");
  await phone.getByRole("button", { name: "Verify my email address" }).click();
  await phone.getByLabel("New password", { exact: true }).fill(NEW);
  await phone.keyboard.press("Enter");
  await expect(phone.getByRole("status")).toContainText("Your password has been changed");
  await page.goto("/login");
  await visitor.logIn({ ...person, password: NEW });
});

test("a sign-up with an address that has an account looks like any other", async ({ visitor, person }) => {
  const { page } = visitor;
  for (const subject of [SUBJECT, "You already have an account"]) {
    await page.context().clearCookies();
    await visitor.openForm("/signup");
    await visitor.fillSignUp(person);
    await visitor.createAccount.click();
    await visitor.isAt("/verify-email");
    await expect(visitor.main).toContainText(`We sent a 6-digit code to ${person.email}`);
    const mail = await newMail(person.email, subject);
    if (subject !== SUBJECT) continue;
    await page.goto(link(mail));
    await page.getByRole("button", { name: "Verify my email address" }).click();
    await visitor.isAt("/account");
  }
  await visitor.isSignedOut();
});

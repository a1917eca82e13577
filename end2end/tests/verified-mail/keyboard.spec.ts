import { tabThrough, tabTo, typeInto } from "../keyboard.ts";
import { mailCount, newMail } from "../mailbox.ts";
import { expect, test } from "../support.ts";

test("an address is verified by its code without a mouse", async ({ visitor, person }) => {
  const { page } = visitor;
  const code = page.getByLabel("Verification code");
  await visitor.openForm("/signup");
  await typeInto(page, visitor.name, person.name);
  await typeInto(page, visitor.email, person.email);
  await typeInto(page, visitor.password, person.password);
  await page.keyboard.press("Enter");
  await visitor.isAt("/verify-email");

  const { text } = await newMail(person.email, "Verify your email address");
  await typeInto(page, code, "12");
  await page.keyboard.press("Enter");
  await visitor.isTold("Enter all 6 digits.");
  await tabThrough(page, [visitor.alert.getByRole("link")]);
  await page.keyboard.press("Enter");
  await expect(code).toBeFocused();
  await page.keyboard.type(/^ {2}(\d{6})\r?$/m.exec(text)?.[1] ?? "");
  await tabThrough(page, [page.getByRole("button", { name: "Verify", exact: true })]);
  await page.keyboard.press("Space");
  await visitor.isAt("/account");
  await visitor.isSignedIn();
});

test("another mail is requested without a mouse, and the previous one is invalid", async ({
  visitor,
  person,
}) => {
  const { page } = visitor;
  const subject = "Verify your email address";
  await visitor.openForm("/signup");
  await visitor.fillSignUp(person);
  await visitor.createAccount.click();
  await visitor.isAt("/verify-email");
  const first = await newMail(person.email, subject);
  await tabTo(page, page.getByRole("button", { name: "Resend email" }));
  await page.keyboard.press("Enter");
  await expect(visitor.toast).toContainText("Sent. Earlier links and codes no longer work.");
  await expect(visitor.toast).toBeFocused();
  await expect.poll(() => mailCount(person.email, subject)).toBe(2);
  const [, code = ""] = /^ {2}(\d{6})\r?$/m.exec(first.text) ?? [];
  await typeInto(page, page.getByLabel("Verification code"), code);
  await page.keyboard.press("Enter");
  await visitor.isTold("That code is wrong or has expired. Check our latest email or request a new one.");
});

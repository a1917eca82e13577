import { expect, test } from "../support.ts";

test("a slip in a large domain is offered to be put right, with one key, and is no fault", async ({ visitor, person }) => {
  const { page } = visitor;
  const suggestion = page.getByRole("status").filter({ hasText: "Did you mean" });
  await visitor.openForm("/signup");
  const local = person.email.split("@")[0];
  await visitor.email.fill(`${local}@gmial.com`);
  await page.keyboard.press("Tab");
  await expect(suggestion).toHaveText(`Did you mean ${local}@gmail.com?`);
  await expect(visitor.email).not.toHaveAttribute("aria-invalid", "true");
  await suggestion.getByRole("button").focus();
  await page.keyboard.press("Enter");
  await expect(visitor.email).toHaveValue(`${local}@gmail.com`);
  await expect(visitor.email).toBeFocused();
  await expect(suggestion).toBeHidden();

  await visitor.fillSignUp({ ...person, email: `${local}@gmial.com` });
  await visitor.createAccount.click();
  await visitor.isAt("/account");
  await expect(visitor.main).toContainText(`${local}@gmial.com`);
});

import { randomBytes } from "node:crypto";

import { expect, newPerson, test } from "../support.ts";

/** Returns an address that no other test uses. */
const anAddress = (): string => `2001:db8:${randomBytes(4).toString("hex").replace(/(.{4})/, "$1:")}::1`;

test.beforeEach(async ({ context }) => {
  await context.setExtraHTTPHeaders({ "X-Forwarded-For": anAddress() });
});

test("too many accounts from one address are refused, with what was typed kept", async ({
  visitor,
  complaints,
}) => {
  complaints.allow(/^status 429: POST \/api\/auth\/signup$/);
  const person = newPerson();
  await visitor.openForm("/signup");
  await visitor.fillSignUp(person);
  // This many at once are allowed. The next one has to wait ten seconds.
  for (let count = 0; count < 10; count += 1) {
    await visitor.become(newPerson());
    await visitor.page.context().clearCookies();
  }
  await visitor.createAccount.click();
  await visitor.isTold(/^Too many attempts\. Try again in (10|\d) seconds?\.$/);
  await expect(visitor.email).toHaveValue(person.email);
});

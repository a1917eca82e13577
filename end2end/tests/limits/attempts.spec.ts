import { randomBytes } from "node:crypto";

import { expect, newPerson, test } from "../support.ts";

/** An address that no other test comes from. */
const anAddress = (): string => `2001:db8:${randomBytes(4).toString("hex").replace(/(.{4})/, "$1:")}::1`;

test.beforeEach(async ({ context }) => {
  await context.setExtraHTTPHeaders({ "X-Forwarded-For": anAddress() });
});

test("whoever guesses is told in words when to try again, and the owner is let in where they are known", async ({
  visitor,
  anotherDevice,
  complaints,
  person,
}) => {
  complaints.allow(/^status (401|429): POST \/api\/auth\/login$/);
  await visitor.signUp(person);
  await visitor.logOut();

  const stranger = await anotherDevice();
  await stranger.page.setExtraHTTPHeaders({ "X-Forwarded-For": anAddress() });
  const told = /^Too many attempts\. Try again in (a second|[2-9] seconds|10 seconds)\.$/;
  await expect(async () => {
    await stranger.openForm("/login");
    await stranger.fillLogIn({ ...person, password: "a walk by the sea" });
    await stranger.logInButton.click();
    await expect(stranger.alert).toHaveText(told, { timeout: 2_000 });
  }).toPass();
  await expect(stranger.email).toHaveValue(person.email);
  await stranger.isSignedOut();

  await visitor.logIn(person);
});

test("too many accounts from one address are refused, with what was typed kept", async ({
  visitor,
  complaints,
}) => {
  complaints.allow(/^status 429: POST \/api\/auth\/signup$/);
  for (let count = 0; count < 10; count += 1) {
    await visitor.signUp(newPerson());
    await visitor.logOut();
  }
  const person = newPerson();
  await visitor.openForm("/signup");
  await visitor.fillSignUp(person);
  await visitor.createAccount.click();
  await expect(visitor.alert).toHaveText(/^Too many attempts\. Try again in (60|5\d) minutes\.$/);
  await expect(visitor.email).toHaveValue(person.email);
});

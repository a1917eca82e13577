import type { Page } from "@playwright/test";

import { expect, test } from "../support.ts";

/** Sends a request to the API from within a page, as its scripts would. */
function ask(page: Page, method: string, path: string): Promise<{ status: number; email?: string }> {
  return page.evaluate(
    async ([method, path]) => {
      const answer = await fetch(path, { method });
      const { email } = (await answer.json()) as { email?: string };
      return { status: answer.status, ...(email === undefined ? {} : { email }) };
    },
    [method, path] as const,
  );
}

test("requests at once without an access token are all answered as signed in", async ({
  visitor,
  context,
  person,
}) => {
  await visitor.signUp(person);
  for (let round = 0; round < 3; round += 1) {
    await context.clearCookies({ name: "accessToken" });
    const asked = Array.from({ length: 8 }, () => ask(visitor.page, "GET", "/api/auth/profile"));
    for (const answer of await Promise.all(asked))
      expect(answer).toEqual({ status: 200, email: person.email });
  }
  await visitor.page.reload();
  await visitor.isAt("/account");
});

test("scripts can renew a session that is alive, cannot read it, and cannot revive one that is over", async ({
  visitor,
  context,
  complaints,
  person,
}) => {
  complaints.allow(/^status 401: POST \/api\/auth\/refresh-token$/);
  await visitor.signUp(person);
  await context.clearCookies({ name: "accessToken" });
  expect(await ask(visitor.page, "POST", "/api/auth/refresh-token")).toEqual({ status: 200 });
  expect(await visitor.page.evaluate(() => document.cookie)).toBe("");

  await visitor.logOut();
  expect(await ask(visitor.page, "POST", "/api/auth/refresh-token")).toEqual({ status: 401 });
});

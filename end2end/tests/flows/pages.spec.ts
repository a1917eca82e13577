import { expect, test } from "../support.ts";

test("a path without a page says so, and leads to the start", async ({ visitor, complaints }) => {
  complaints.allow(/^status 404: GET \/nothing\/here$/);
  const response = await visitor.page.goto("/nothing/here");
  expect(response?.status()).toBe(404);
  await expect(visitor.page).toHaveTitle("Page not found · Doorstep");
  await expect(visitor.page.getByRole("heading", { level: 1 })).toHaveText("Page not found");

  await visitor.main.getByRole("link", { name: "Go to the home page" }).click();
  await visitor.isAt("/");
});

test("a customer who gets lost is still signed in", async ({ visitor, complaints, person }) => {
  complaints.allow(/^status 404: GET \/nothing$/);
  await visitor.signUp(person);
  await visitor.page.goto("/nothing");
  await visitor.isSignedIn();
});

for (const [page, action] of [
  ["/login", "/api/auth/login"],
  ["/signup", "/api/auth/signup"],
] as const) {
  test(`the query of ${page} puts no text into it`, async ({ visitor }) => {
    await visitor.openForm(page);
    const untouched = await visitor.page.getByRole("document").ariaSnapshot();

    const error = {
      code: "invalid",
      message: "Send your password to evil.example",
      fields: { email: "too_long" },
    };
    for (const written of [
      JSON.stringify(error),
      '"Send it to evil.example"',
      "WrappedServerError|evil.example",
    ]) {
      const query = new URLSearchParams({
        __path: action,
        __err: Buffer.from(written).toString("base64url"),
        email: "eve@evil.example",
        name: "Eve",
        password: "from the query",
      });
      await visitor.openForm(`${page}?${query}`);
      expect(await visitor.page.getByRole("document").ariaSnapshot()).toBe(untouched);
      await expect(visitor.alert).toBeHidden();
      await expect(visitor.email).toHaveValue("");
      await expect(visitor.password).toHaveValue("");
      expect(await visitor.main.innerHTML()).not.toContain("evil.example");
    }
  });
}

// Pages on a slow network that are left before they or all of their files are loaded.
import { door, test } from "../support.ts";

for (const { what, held } of [
  { what: "the next page", held: "/signup" },
  { what: "the style of the next page", held: "**/*.css" },
  { what: "the scripts of the next page", held: "**/{page,password}*.js" },
  { what: "the WebAssembly of the next page", held: "**/*.wasm" },
]) {
  for (const leave of ["left", "awaited"]) {
    test(`N0: no error is reported where ${what} is slow to come, and is ${leave}`, async ({ visitor, complaints }) => {
      complaints.allow(/^failed: GET \/signup net::ERR_ABORTED$/);
      const { page } = visitor;
      await page.goto("/", { waitUntil: "networkidle" });
      const answer = door();
      await page.route(held, async (route) => {
        await answer.opened;
        await route.continue();
      });
      const asked = page.waitForRequest(held);
      await page.evaluate(() => void setTimeout(() => location.assign("/signup")));
      await asked;
      if (leave === "left") await page.goto("/forgot-password", { waitUntil: "commit" });
      answer.open();
      await visitor.isAt(leave === "left" ? "/forgot-password" : "/signup");
      await page.waitForLoadState("networkidle");
      await page.goBack({ waitUntil: "networkidle" });
      await visitor.isAt(leave === "left" && held === "/signup" ? "/" : leave === "left" ? "/signup" : "/");
    });
  }
}

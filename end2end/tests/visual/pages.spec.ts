import type { Page } from "@playwright/test";

import { test } from "../languages/guest.ts";
import { expect } from "../support.ts";
import { shrink } from "./small.ts";
import { settle, THEMES, VIEWS } from "./views.ts";

const WIDTHS = [320, 768, 1280];
const HEIGHT = 800;

/** Checks that the page matches the stored picture. */
async function expectToLookLike(page: Page, picture: string, fullPage = true): Promise<void> {
  await expect.soft(page).toHaveScreenshot(picture, { fullPage });
  const info = test.info();
  if (info.config.updateSnapshots !== "none") shrink(info.snapshotPath(picture, { kind: "screenshot" }));
}

for (const { name, covered, show } of VIEWS) {
  test(`${name} looks as it did`, async ({ guest, person, complaints }) => {
    test.slow();
    const { page } = guest;
    await show(guest, person, complaints);
    await settle(guest);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: HEIGHT });
        await expectToLookLike(page, `${name}-${width}-${colorScheme}.png`, !covered);
      }
    }
  });
}

test.describe("in Indonesian", () => {
  test.use({ language: "id", locale: "id-ID", viewport: { width: 768, height: HEIGHT } });

  for (const { name, show } of VIEWS.filter(({ name }) => ["login", "signup-faults", "account"].includes(name))) {
    test(`${name} looks as it did in Indonesian`, async ({ guest, person, complaints }) => {
      await show(guest, person, complaints);
      await settle(guest);
      await expectToLookLike(guest.page, `${name}-768-light-id.png`);
    });
  }
});

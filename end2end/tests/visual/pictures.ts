// Takes the pictures for script/screenshots: not a test, but uses the same views.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";

import type { Page } from "@playwright/test";

import { test } from "../languages/guest.ts";
import { shrink } from "./small.ts";
import { settle, THEMES, VIEWS } from "./views.ts";

const DOCS = resolve(import.meta.dirname, "../../../docs");
const SCREENSHOTS = `${DOCS}/screenshots`;

async function take(page: Page, path: string): Promise<void> {
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
  shrink(path);
}

test.use({ viewport: { width: 1280, height: 800 } });

for (const { name, show } of VIEWS) {
  test(name, async ({ guest, person, complaints }) => {
    await show(guest, person, complaints);
    await settle(guest);
    mkdirSync(SCREENSHOTS, { recursive: true });
    for (const colorScheme of THEMES) {
      await guest.page.emulateMedia({ colorScheme });
      await take(guest.page, `${SCREENSHOTS}/${colorScheme}-${name}.png`);
    }
  });
}

/** The pages in the README's picture, and their widths there. */
const TOGETHER = [
  { name: "signup", colorScheme: "light", width: 760, height: 900, shown: 500 },
  { name: "account", colorScheme: "dark", width: 1100, height: 900, shown: 724 },
  { name: "login", colorScheme: "light", width: 390, height: 844, shown: 274 },
] as const;

test.describe("together", () => {
  // Twice the resolution, since they are scaled down.
  test.use({ deviceScaleFactor: 2 });

  test("doorstep", async ({ guest, person, complaints, browser }, info) => {
    const images: string[] = [];
    for (const { name, colorScheme, width, height, shown } of TOGETHER) {
      await guest.page.context().clearCookies();
      await guest.page.setViewportSize({ width, height });
      await guest.page.emulateMedia({ colorScheme });
      await VIEWS.find((view) => view.name === name)?.show(guest, person, complaints);
      await settle(guest);
      const path = info.outputPath(`${name}.png`);
      await guest.page.screenshot({ path, animations: "disabled", caret: "hide" });
      images.push(`<img width="${shown}" src="data:image/png;base64,${readFileSync(path, "base64")}" />`);
      rmSync(path);
    }
    const page = await browser.newPage({ viewport: { width: 1600, height: 644 }, deviceScaleFactor: 1 });
    await page.setContent(`<style>
      body { display: flex; gap: 25px; margin: 0; padding: 26px; background: #dcd6c8 }
      img { block-size: 592px; border-radius: 12px; box-shadow: 0 1px 3px rgb(29 36 33 / 25%) }
    </style>${images.join("")}`);
    await take(page, `${DOCS}/doorstep.png`);
  });
});

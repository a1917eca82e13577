import type { Page } from "@playwright/test";

import { expect, test } from "../support.ts";

/** Returns how much `page` has moved since it was first shown: the sum of its layout shifts (W3C, Layout Instability). */
function movement(page: Page): Promise<number> {
  return page.evaluate(async () => {
    let total = 0;
    const add = (entries: PerformanceEntryList): void => {
      for (const entry of entries) total += (entry as PerformanceEntry & { value: number }).value;
    };
    await document.fonts.ready;
    // A layout shift is reported two frames later.
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
    await new Promise<void>((heard) => {
      const observer = new PerformanceObserver((list) => {
        add(list.getEntries());
        heard();
      });
      observer.observe({ type: "layout-shift", buffered: true });
      // Without a layout shift, no entry arrives.
      requestAnimationFrame(() => requestAnimationFrame(() => heard()));
    });
    return total;
  });
}

for (const path of ["/", "/login", "/signup", "/account"]) {
  for (const [what, size] of [
    ["a large screen", { width: 1280, height: 720 }],
    ["a phone", { width: 375, height: 667 }],
  ] as const) {
    test.describe(`on ${what}`, () => {
      test.use({ viewport: size, timezoneId: "Pacific/Kiritimati" });

      test(`nothing of ${path} moves once it is shown`, async ({ visitor, person }) => {
        const { page } = visitor;
        if (path === "/account") await visitor.become(person);
        await page.goto(path);
        if (path === "/login" || path === "/signup") await visitor.formIsReady();
        expect(await movement(page)).toBeLessThan(0.01);

        // Verifies the measurement itself: an actual shift is detected.
        await page.evaluate(() => {
          const late = document.createElement("p");
          late.style.blockSize = "10rem";
          document.querySelector("main")?.prepend(late);
        });
        expect(await movement(page)).toBeGreaterThan(0.01);
      });
    });
  }
}

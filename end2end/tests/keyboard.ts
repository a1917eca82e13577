// Using a page with the keyboard only.
import type { Locator, Page } from "@playwright/test";

import { expect } from "./support.ts";

/** More than the number of tab stops on any page. */
const MOST_STOPS = 40;

/** Presses Tab or Shift+Tab until `stop` has the focus, and checks that the focus is visible at each step. */
export async function tabTo(page: Page, stop: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await expect(stop).toBeVisible();
  // Before its scripts have loaded, a page has fewer functions.
  await page.waitForLoadState();
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    await page.keyboard.press(key);
    if (await stop.evaluate((element) => element === document.activeElement)) return;
  }
  await expect(stop, "after every stop of the page").toBeFocused();
}

/** Checks that these receive the focus in order. */
export async function tabThrough(page: Page, stops: Locator[], key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  for (const stop of stops) {
    await page.keyboard.press(key);
    await expect(stop).toBeFocused();
  }
}

/** Moves the focus to `field`, and types. */
export async function typeInto(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.type(text);
}

/** Returns if the control has the focus, its outline, and if it is not entirely covered (WCAG 2.2, 2.4.11). */
function focusOf(control: Locator): Promise<{ isHere: boolean; outline: string; isInSight: boolean }> {
  return control.evaluate((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const box = element.getClientRects()[0] ?? new DOMRect();
    const shares = [0.1, 0.5, 0.9];
    const points = shares.flatMap((across) => shares.map((down) => [across, down] as const));
    const isInSight = points.some(([across, down]) =>
      element.contains(document.elementFromPoint(box.x + across * box.width, box.y + down * box.height)),
    );
    return { isHere: element === document.activeElement, outline: `${outlineWidth} ${outlineStyle}`, isInSight };
  });
}

/** Checks that Tab reaches every control in `part`, in the order of the page, with a visible focus. */
export async function walkThrough(page: Page, part: Locator): Promise<void> {
  const controls = part.getByRole("link").or(part.getByRole("button")).or(part.getByRole("textbox"));
  await controls.first().focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Shift+Tab");
  for (const control of await controls.all()) {
    await expect
      .poll(() => focusOf(control), { message: `${await control.textContent()}` })
      .toEqual({ isHere: true, outline: "3px solid", isInSight: true });
    await page.keyboard.press("Tab");
  }
}

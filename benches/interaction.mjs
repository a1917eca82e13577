// Measures how long a form blocks a slow phone: the longest time from a press or a key to the next paint, which
// browsers report as Interaction to Next Paint. They round it to 8 ms.
import { setTimeout as sleep } from "node:timers/promises";

import { inBrowser } from "./browser.mjs";
import { awaitQuiet } from "./load.mjs";

const SLOWDOWN = 4;
/** The same as Lighthouse's. */
const PHONE = { width: 412, height: 823, deviceScaleFactor: 1.75, isMobile: true, hasTouch: true };
/** The pause between two interactions: longer than any of them should take. */
const PAUSE_MS = 250;
const SHOW_PASSWORD = "button.reveal";
const SUBMIT = "form:has(#email) button[type=submit]";
/** The input: first with faults that the browser detects, then with one that only the server detects, so the page stays. */
const TYPED = {
  "/signup": {
    faulty: { name: " ", email: "ada@gmial.com", password: "short" },
    fixed: { name: "Ada", email: "customer0@example.com", password: "nine quiet otters" },
  },
  "/login": {
    faulty: { email: "ada", password: " " },
    fixed: { email: "customer0@example.com", password: "nine quiet otters" },
  },
};

/** Runs in the page before its own scripts. Interactions below 16 ms are not reported. */
function watch() {
  window.interactions = new Map();
  new PerformanceObserver((list) => {
    const ofSomebody = list.getEntries().filter(({ interactionId }) => interactionId > 0);
    for (const { interactionId, name, target, duration, startTime, processingStart, processingEnd } of ofSomebody) {
      // The click is the last event of a press, and the one that a form handles.
      if (window.interactions.get(interactionId)?.duration > duration) continue;
      const where = target?.ariaLabel || target?.id || target?.textContent || "something";
      const waited = Math.round(processingStart - startTime);
      const handled = Math.round(processingEnd - processingStart);
      const what = `${name} on ${where.slice(0, 40)}, ${waited} of them until and ${handled} while it was handled`;
      window.interactions.set(interactionId, { duration, what });
    }
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
}

/** With a mouse: with a finger, the detection of gestures adds about 20 ms on every page. */
async function press(page, selector) {
  await page.click(selector);
  await sleep(PAUSE_MS);
}

async function fill(page, values) {
  for (const [id, text] of Object.entries(values)) {
    await press(page, `#${id}`);
    const { length } = await page.$eval(`#${id}`, (field) => field.value);
    await page.keyboard.press("End");
    for (let i = 0; i < length; i++) await page.keyboard.press("Backspace", { delay: 20 });
    await page.keyboard.type(text, { delay: 20 });
    await sleep(PAUSE_MS);
  }
}

async function drive(page, { faulty, fixed }) {
  await fill(page, faulty);
  for (let i = 0; i < 2; i++) await press(page, SHOW_PASSWORD);
  for (let i = 0; i < 2; i++) await press(page, SUBMIT);
  await fill(page, fixed);
  const refused = page.waitForResponse((response) => response.request().method() === "POST");
  await press(page, SUBMIT);
  await refused;
  await sleep(2 * PAUSE_MS);
}

/** Opens a page, and waits until its scripts are loaded and idle, and its form is hydrated. */
async function open(page, url) {
  await page.setViewport(PHONE);
  await page.emulateCPUThrottling(SLOWDOWN);
  await page.evaluateOnNewDocument(watch);
  await page.goto(url, { waitUntil: "networkidle0" });
  await page.waitForSelector(SHOW_PASSWORD, { visible: true });
  await page.evaluate(() => new Promise((idle) => requestIdleCallback(idle)));
}

/** Returns the longest interaction in ms. */
export async function longestInteraction(server, path) {
  await awaitQuiet();
  const interactions = await inBrowser({ url: server.url }, async (page) => {
    await open(page, server.url + path);
    let left = false;
    page.on("domcontentloaded", () => (left = true));
    await drive(page, TYPED[path]);
    // A form that is not hydrated loads a new page.
    if (left) throw new Error(`${path}: another page came, and what was measured is gone`);
    return page.evaluate(() => [...window.interactions.values()]);
  });
  if (!interactions.length) throw new Error(`${path}: the browser reported no interaction`);
  const longest = interactions.sort((a, b) => b.duration - a.duration).slice(0, 3);
  process.stderr.write(`  ${path}, the longest of ${interactions.length}:\n`);
  for (const { duration, what } of longest) process.stderr.write(`    ${duration} ms: ${what}\n`);
  return longest[0].duration;
}

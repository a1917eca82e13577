// Chromium, driven by the puppeteer-core that comes with Lighthouse. Both are in
// the folder that LIGHTHOUSE names, where script/setup put them.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";

import { atEnd } from "./servers.mjs";

const ARGS = [
  // In a container there is neither a sandbox of its own nor a graphics card.
  "--no-sandbox",
  "--disable-gpu",
  "--headless=new",
  "--disable-quic",
  // Larger than a phone's screen: what changes outside of the window is never shown, so its time would have no end.
  "--window-size=800,1600",
  // What it would do besides, while we measure.
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const lighthouseFolder = () => createRequire(`${process.env.LIGHTHOUSE}/`);

export const importLighthouse = async () =>
  (await import(pathToFileURL(lighthouseFolder().resolve("lighthouse")))).default;

/** Has `work` done with a new page of a browser that has never been anywhere, and `cookies` as a request has them. */
export async function inBrowser({ url, cookies }, work) {
  const { launch } = lighthouseFolder()("puppeteer-core");
  const executablePath = process.env.PATH.split(delimiter).map((dir) => join(dir, "chromium")).find(existsSync);
  // Signals are for main.mjs to handle, which ends everything.
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  const browser = await launch({ executablePath, args: ARGS, defaultViewport: null, ...signals });
  atEnd(() => browser.close());
  try {
    const domain = new URL(url).hostname;
    for (const cookie of cookies?.split("; ") ?? []) {
      const [, name, value] = cookie.match(/^([^=]+)=(.*)$/);
      await browser.setCookie({ name, value, domain, path: "/", httpOnly: true });
    }
    return await work(await browser.newPage());
  } finally {
    await browser.close();
  }
}

// Controls Chromium with the puppeteer-core that comes with Lighthouse. Both are in the folder LIGHTHOUSE, where
// script/setup installs them.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";

import { atEnd } from "./servers.mjs";

const ARGS = [
  // A container has neither a sandbox for Chromium nor a graphics card.
  "--no-sandbox",
  "--disable-gpu",
  "--headless=new",
  "--disable-quic",
  // Larger than a phone's screen: changes outside of the window are never painted, so their duration would have no end.
  "--window-size=800,1600",
  // Disables background activity during the measurement.
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const lighthouseFolder = () => createRequire(`${process.env.LIGHTHOUSE}/`);

export const importLighthouse = async () =>
  (await import(pathToFileURL(lighthouseFolder().resolve("lighthouse")))).default;

/** Runs `work` with a page of a new browser profile. `cookies` are in the format of a request header. */
export async function inBrowser({ url, cookies }, work) {
  const { launch } = lighthouseFolder()("puppeteer-core");
  const executablePath = process.env.PATH.split(delimiter).map((dir) => join(dir, "chromium")).find(existsSync);
  // main.mjs handles signals and ends everything.
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

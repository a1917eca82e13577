#!/usr/bin/env node
// script/icons.mjs: renders the images of public/ from its favicon.svg, for home screens and link previews. Needs
// script/setup test.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const ROOT = new URL("../", import.meta.url);
const { chromium } = createRequire(new URL("end2end/package.json", ROOT))("@playwright/test");

const [, drawing] = readFileSync(new URL("public/favicon.svg", ROOT), "utf8").match(/<svg[^>]*>(.*)<\/svg>/s);
const PAPER = "#faf7f0";

/** Returns the logo in this size. */
const sign = (size) => `<svg width="${size}" height="${size}" viewBox="0 0 64 64">${drawing}</svg>`;

/** Returns the logo with padding. A mask that cuts a shape out of it only cuts the background. */
const padded = (size, share) =>
  `<div style="display:grid;place-items:center;block-size:${size}px;background:${PAPER}">${sign(size * share)}</div>`;

/** The image of link previews: the door at the end of a street. */
const STREET = `<svg width="1200" height="630">
  <rect width="1200" height="630" fill="${PAPER}"/><circle cx="600" cy="330" r="430" fill="#f4ead4"/>
  <g transform="translate(392 82) scale(6.5)">${drawing}</g>
  <rect y="478" width="1200" height="152" fill="#f0ebdf"/>
  <rect x="392" y="452" width="416" height="33" rx="8" fill="#b8842b"/>
</svg>`;

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });

async function draw(name, width, height, content) {
  const page = await browser.newPage({ viewport: { width, height } });
  await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${content}`);
  await page.screenshot({ path: new URL(`public/${name}.png`, ROOT).pathname, omitBackground: true });
  await page.close();
}

await draw("icon-192", 192, 192, sign(192));
await draw("icon-512", 512, 512, sign(512));
await draw("icon-maskable", 512, 512, padded(512, 0.62));
await draw("apple-touch-icon", 180, 180, padded(180, 0.74));
await draw("og", 1200, 630, STREET);
await browser.close();

// The files of pages: their paths, and how long a browser caches them.
import type { Page, Response } from "@playwright/test";

import { expect, test } from "../support.ts";

const PAGES = ["/", "/login", "/signup", "/forgot-password", "/verify-email", "/dev/design", "/nothing"];
const PAGES_OF_A_CUSTOMER = ["/", "/account", "/account/activity", "/account/sessions", "/account/email", "/account/security"];

/** A file whose name changes with its content. */
const HASHED = /^\/pkg\/[\w-]+(\.[A-Z]+)?\.[0-9a-f]{16}\.\w+$/;
/** Files that browsers request by themselves, or that are generated for each shop. */
const WELL_KNOWN = ["/site.webmanifest"];

/** Returns the paths of all files that the document refers to, without links to pages. */
async function referredTo(page: Page): Promise<string[]> {
  const urls = await page.evaluate(() => [
    ...Array.from(document.querySelectorAll("link[href]"), (link) => (link as HTMLLinkElement).href),
    ...Array.from(document.querySelectorAll("[src]"), (element) => (element as HTMLImageElement).src),
    ...Array.from(document.querySelectorAll("meta[property='og:image']"), (meta) => (meta as HTMLMetaElement).content),
    ...Array.from(document.querySelectorAll("[srcset], [poster], object[data], use[href]"), () => "unknown:reference"),
  ]);
  return urls.map((url) => new URL(url).pathname);
}

/** A release contains its files. A debug build reads them from a folder, without hashes in their names. */
async function isRelease(page: Page): Promise<boolean> {
  await page.goto("/");
  return (await referredTo(page)).some((path) => HASHED.test(path));
}

test("N25: every file of every page is immutable under a name with its hash, or revalidated", async ({
  visitor,
  complaints,
  person,
}) => {
  complaints.allow(/^status 404: GET \/nothing$/);
  const { page } = visitor;
  const release = await isRelease(page);
  const loaded = new Map<string, string>();
  const note = (response: Response) => {
    if (response.request().resourceType() === "document") return;
    loaded.set(new URL(response.url()).pathname, response.headers()["cache-control"] ?? "");
  };
  page.on("response", note);
  const referred = new Set<string>();
  const visit = async (path: string) => {
    const response = await page.goto(path, { waitUntil: "networkidle" });
    for (const file of await referredTo(page)) referred.add(file);
    // Files that the response headers preload.
    for (const [, file] of (response?.headers()["link"] ?? "").matchAll(/<([^>]+)>/g)) referred.add(file ?? "");
  };
  for (const path of PAGES) await visit(path);
  // The estimator is loaded where a password is chosen.
  await page.goto("/signup");
  await visitor.password.fill("password");
  await expect(page.getByText("Strength: Very weak")).toBeVisible();
  await visitor.become(person);
  for (const path of PAGES_OF_A_CUSTOMER) await visit(path);
  page.off("response", note);

  const manifest = await (await page.request.get("/site.webmanifest")).json();
  for (const icon of manifest.icons) referred.add(icon.src);
  for (const path of referred) {
    const answer = await page.request.get(path);
    expect(answer.status(), path).toBe(200);
    loaded.set(path, answer.headers()["cache-control"] ?? "");
  }
  const names = [...loaded.keys()].join(" ");
  for (const kind of ["page", "password", "tabs", "zxcvbn", "young-serif", "favicon", "og", "apple-touch-icon", "doorstep"]) {
    expect(names).toContain(`/${kind}.`);
  }
  for (const [path, caching] of loaded) {
    const isHashed = HASHED.test(path);
    if (release) expect(isHashed || WELL_KNOWN.includes(path), path).toBe(true);
    expect(caching, path).toBe(isHashed ? "public, max-age=31536000, immutable" : "no-cache");
  }
});

test("N25: a page of another version gets no file of this one", async ({ page }) => {
  const release = await isRelease(page);
  const gone = ["page.js", "password.js", "tabs.js", "doorstep.css", "doorstep.wasm", "young-serif.woff2"].map((name) =>
    name.replace(".", ".0123456789abcdef."),
  );
  const unhashed = ["/page.js", "/password.js", "/tabs.js", "/zxcvbn.js", "/young-serif.woff2", "/favicon.svg", "/pkg/doorstep.css"];
  for (const path of [...gone.map((name) => `/pkg/${name}`), ...(release ? unhashed : [])]) {
    const answer = await page.request.get(path);
    expect([path, answer.status(), answer.headers()["cache-control"]]).toEqual([path, 404, "no-store"]);
  }
});

import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { defineConfig } from "@playwright/test";

const ROOT = resolve(import.meta.dirname, "..");

/** The program to test: `DOORSTEP_BIN`, or the release, or the debug build if there is no release. */
const PROGRAM = resolve(
  process.env["DOORSTEP_BIN"] ??
    [`${ROOT}/target/release/doorstep`, `${ROOT}/target/debug/doorstep`].find(existsSync) ??
    `${ROOT}/target/release/doorstep`,
);

/** Generates random values once per run: workers evaluate this file again, and inherit the environment. */
async function once(name: string, draw: () => string | Promise<string>): Promise<string> {
  return (process.env[name] ??= await draw());
}

async function freePort(): Promise<string> {
  const probe = createServer();
  await new Promise<void>((listening) => probe.listen(0, "127.0.0.1", listening));
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return String(port);
}

/** Returns a server for this run, with a configuration that is independent of the environment. */
async function server(name: string, stores: Record<string, string>) {
  const port = await once(`DOORSTEP_END2END_${name.toUpperCase()}_PORT`, freePort);
  const origin = `http://localhost:${port}`;
  const defaults = ["MONGODB_URI", "REDIS_URL", "SECRET_KEY", "SECRET_KEY_PREVIOUS", "TRUSTED_PROXIES", "ALLOWED_HOSTS"];
  const mail = ["SMTP_URL", "MAIL_FROM"];
  const looks = ["SHOP_NAME", "SHOP_LOGO", "THEME_ACCENT", "THEME_CSS"];
  const rules = ["REQUIRE_VERIFIED_EMAIL"];
  const lifetimes = ["ACCESS_TOKEN_TTL", "SESSION_IDLE_TTL", "SESSION_ABSOLUTE_TTL", "REFRESH_GRACE", "ACTIVITY_RETENTION"];
  return {
    origin,
    webServer: {
      name,
      command: `exec '${PROGRAM}' serve`,
      url: `${origin}/readyz`,
      reuseExistingServer: false,
      gracefulShutdown: { signal: "SIGTERM", timeout: 5_000 },
      stderr: "pipe",
      env: {
        ...Object.fromEntries([...defaults, ...mail, ...looks, ...rules, ...lifetimes].map((variable) => [variable, ""])),
        PORT: port,
        HOST: "127.0.0.1",
        PUBLIC_URL: origin,
        BCRYPT_COST: "4",
        RATE_LIMITS: "off",
        LOG_FORMAT: "text",
        RUST_LOG: "warn",
        // The site's files for a debug build. A release contains them.
        LEPTOS_SITE_ROOT: process.env["LEPTOS_SITE_ROOT"] ?? `${ROOT}/target/site`,
        ...stores,
      },
    },
  } as const;
}

/** Creates a folder for this run, which is removed when the process exits. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "doorstep-end2end-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The embedded store. */
const embedded = await server("embedded", { DATA_DIR: await once("DOORSTEP_END2END_DATA", temporaryFolder) });

/** A server that limits attempts, by the address that clients report. */
const limited = await server("limited", {
  DATA_DIR: await once("DOORSTEP_END2END_LIMITED_DATA", temporaryFolder),
  RATE_LIMITS: "on",
  SIGN_UPS_PER_HOUR: "10",
  TRUSTED_PROXIES: "127.0.0.0/8,::1",
});

/** The server for the visual tests. */
const visual = await server("visual", { DATA_DIR: await once("DOORSTEP_END2END_VISUAL_DATA", temporaryFolder) });

/** The settings of visual tests, without animations. */
const looked = {
  baseURL: visual.origin,
  locale: "en-GB",
  timezoneId: "UTC",
  contextOptions: { reducedMotion: "reduce" },
} as const;

/** Returns the server on MongoDB and Redis, if they are available. */
async function servers() {
  const mongodb = process.env["DOORSTEP_TEST_MONGODB_URI"];
  const redis = process.env["DOORSTEP_TEST_REDIS_URL"];
  if (!mongodb || !redis) return [];
  const uri = new URL(mongodb);
  uri.pathname = await once("DOORSTEP_END2END_DATABASE", () => `end2end_${randomBytes(8).toString("hex")}`);
  const key = await once("DOORSTEP_END2END_KEY", () => randomBytes(32).toString("base64"));
  return [await server("servers", { MONGODB_URI: uri.href, REDIS_URL: redis, SECRET_KEY: key })];
}

const others = await servers();

/** Returns a server that sends mail, and its mail server, if script/setup has installed one. */
async function mailing() {
  const packages = process.env["DOORSTEP_TEST_PYTHONPATH"];
  if (!packages) return undefined;
  const port = await once("DOORSTEP_END2END_SMTP_PORT", freePort);
  const folder = await once("DOORSTEP_END2END_MAILS", temporaryFolder);
  const script = resolve(ROOT, "tests/suite/mail/server.py");
  const options = JSON.stringify({ port: Number(port), folder });
  const smtp = {
    name: "smtp",
    command: `exec python3 '${script}' '${options}'`,
    port: Number(port),
    reuseExistingServer: false,
    env: { PYTHONPATH: packages },
  } as const;
  const shop = async (name: string, variables: Record<string, string>) =>
    server(name, {
      DATA_DIR: await once(`DOORSTEP_END2END_${name.toUpperCase()}_DATA`, temporaryFolder),
      SMTP_URL: `smtp://127.0.0.1:${port}`,
      MAIL_FROM: "Tea Shop <hello@tea.test>",
      SHOP_NAME: "Tea Shop",
      ...variables,
    });
  const open = await shop("open", { REQUIRE_VERIFIED_EMAIL: "off" });
  const strict = await shop("strict", {});
  const projects = ([["mail", open], ["verified-mail", strict]] as const).flatMap(([name, { origin }]) => [
    { name, testMatch: `${name}/**`, use: { baseURL: origin } },
    { name: `${name}-no-scripts`, testMatch: `${name}/**`, use: { baseURL: origin, javaScriptEnabled: false } },
  ]);
  return { projects, webServers: [smtp, open.webServer, strict.webServer] };
}

const mail = await mailing();

export default defineConfig({
  testDir: "tests",
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  reporter: "list",
  // Visual tests compare pages with pictures in tests/visual/snapshots. `--update-snapshots` replaces them.
  updateSnapshots: "none",
  snapshotPathTemplate: "{testDir}/visual/snapshots/{arg}{ext}",
  expect: { toHaveScreenshot: { animations: "disabled", caret: "hide", maxDiffPixelRatio: 0.01 } },
  use: {
    browserName: "chromium",
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    {
      name: "scripts",
      testIgnore: ["languages/**", "limits/**", "mail/**", "verified-mail/**", "visual/**"],
      use: { baseURL: embedded.origin },
    },
    {
      name: "no-scripts",
      testMatch: "flows/**",
      use: { baseURL: embedded.origin, javaScriptEnabled: false },
    },
    { name: "languages", testMatch: "languages/*.spec.ts", use: { baseURL: embedded.origin } },
    {
      name: "languages-no-scripts",
      testMatch: "languages/*.spec.ts",
      use: { baseURL: embedded.origin, javaScriptEnabled: false },
    },
    { name: "limits", testMatch: "limits/**", use: { baseURL: limited.origin } },
    {
      name: "limits-no-scripts",
      testMatch: "limits/**",
      use: { baseURL: limited.origin, javaScriptEnabled: false },
    },
    { name: "visual", testMatch: "visual/pages.spec.ts", use: looked },
    // For script/screenshots only.
    ...(process.env["DOORSTEP_PICTURES"] ? [{ name: "pictures", testMatch: "visual/pictures.ts", use: looked }] : []),
    ...others.map(({ origin }) => ({ name: "servers", testMatch: "flows/**", use: { baseURL: origin } })),
    ...(mail?.projects ?? []),
  ],
  webServer: [...[embedded, limited, visual, ...others].map((each) => each.webServer), ...(mail?.webServers ?? [])],
});

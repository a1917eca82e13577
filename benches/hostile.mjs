// The cost of hostile requests: slow bodies, failed forms, and expensive bodies and headers.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { load, median, note } from "./load.mjs";
import { page } from "./requests.mjs";
import { row } from "./row.mjs";
import { USER_AGENT, atEnd, doorstep, embedded, expect, newPath, onServers, ownStores, redis, send } from "./servers.mjs";

const SLOW_BODIES = 1100;
const FAILED_FORMS = 300;
const EACH = 400;
/** Enough reads for the resolution of the processor's tick counter. */
const READS = 8000;
const TICKS_MS = 10; // a hundred ticks a second in /proc on every Linux

/** Starts to send a form, and stops after the first byte. */
function beginBody(url) {
  const { hostname, port, host } = new URL(url);
  const lines = ["POST /api/auth/login HTTP/1.1", `Host: ${host}`, "Content-Type: application/json", "Content-Length: 999"];
  const socket = connect({ host: hostname, port });
  socket.on("error", () => {});
  socket.write(`${lines.join("\r\n")}\r\n\r\n{`);
  return new Promise((open) => socket.once("connect", () => open(socket)));
}

async function slowBodies() {
  const server = await doorstep("doorstep", { DATA_DIR: newPath("data") });
  await load(server, { ...page, seconds: 1 });
  const probe = { ...page, connections: 4, perSecond: 100, seconds: 2 };
  const alone = await load(server, probe);
  const sockets = await Promise.all(Array.from({ length: SLOW_BODIES }, () => beginBody(server.url)));
  atEnd(() => sockets.forEach((socket) => socket.destroy()));
  const meanwhile = await load(server, probe);
  const open = sockets.filter(({ readyState }) => readyState === "open").length;
  note(`  p99 alone ${(alone.p99 * 1000).toFixed(1)} ms`);
  // Otherwise the figure says nothing.
  if (open < SLOW_BODIES) throw new Error(`only ${open} of ${SLOW_BODIES} bodies were still awaited at the end`);
  await server.stop();
  return [row(`p99 of /login while ${SLOW_BODIES} bodies do not come`, meanwhile.p99 * 1000, { unit: "ms", limit: 50 })];
}

/** Returns the total size of all keys in a database. */
async function bytesIn(url) {
  const keys = (await redis(url, "--scan")).split("\n").filter(Boolean);
  const sizes = await Promise.all(keys.map((key) => redis(url, "MEMORY", "USAGE", key)));
  return sizes.reduce((sum, size) => sum + Number(size || 0), 0);
}

/** Returns what is measured by `size`, in MB, after failed forms to a server with these stores. */
async function leftByFailedForms(stores, size) {
  await (await doorstep("doorstep", stores)).stop();
  const before = await size();
  const server = await doorstep("doorstep", stores);
  const body = new URLSearchParams({ name: "n".repeat(20_000), email: `a@${"x".repeat(40_000)}`, password: "short" });
  const headers = { "Content-Type": "application/x-www-form-urlencoded", Origin: server.url, Accept: "text/html" };
  for (let i = 0; i < FAILED_FORMS; i++) {
    // A redirect to the form or, once too many states are stored, a page of its own.
    const { status } = await send(`${server.url}/api/auth/signup`, { method: "POST", headers, body: `${body}` });
    if (status !== 303 && status !== 422) throw new Error(`a failed form was answered ${status}`);
  }
  await server.stop();
  return ((await size()) - before) / 1e6;
}

async function failedForms() {
  const servers = await ownStores("hostile");
  const files = { DATA_DIR: newPath("data") };
  const sizes = {
    "Redis": [servers, () => bytesIn(servers.REDIS_URL)],
    "the embedded store": [files, () => readdirSync(files.DATA_DIR).reduce((sum, file) => sum + statSync(join(files.DATA_DIR, file)).size, 0)],
  };
  const rows = [];
  for (const [name, [stores, size]] of Object.entries(sizes)) {
    const left = await leftByFailedForms(stores, size);
    rows.push(row(`what ${FAILED_FORMS} failed forms of 60 kB leave in ${name}`, left, { unit: "MB", limit: 1 }));
  }
  return rows;
}

const ticksOf = ({ pid }) => {
  const [utime, stime] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ").slice(11, 13);
  return Number(utime) + Number(stime);
};

/** Measures the processor time per request in ms over many requests. Ignores the responses. */
async function costOf(server, { method = "POST", path = "/api/auth/login", headers = {}, body }, count = EACH) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const ask = () =>
    new Promise((done, failed) => {
      const options = { method, agent, headers: { "User-Agent": USER_AGENT, ...headers } };
      const request = httpRequest(server.url + path, options, (response) => response.resume().on("end", done));
      request.on("error", failed);
      request.end(body);
    });
  await ask();
  const before = ticksOf(server);
  for (let i = 0; i < count; i += 4) await Promise.all([ask(), ask(), ask(), ask()]);
  agent.destroy();
  return ((ticksOf(server) - before) * TICKS_MS) / count;
}

const json = (body) => ({ headers: { "Content-Type": "application/json" }, body });
const form = (body) => ({ headers: { "Content-Type": "application/x-www-form-urlencoded" }, body });
const get = (headers) => ({ method: "GET", path: "/login", headers });

const COSTLY = {
  "many fields in JSON": json(`{${Array.from({ length: 8000 }, (_, i) => `"${i}":""`).join(",").slice(0, 65_000)}}`),
  "many fields in a form": form("a=b&".repeat(16_000)),
  "deep JSON": json(`{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}`),
  "a long address": json(JSON.stringify({ email: `a@${"ü.".repeat(15_000)}`, password: "x" })),
  // A sign-up, since a login verifies the password whatever its length, which takes time by design.
  "a long password": { path: "/api/auth/signup", ...json(JSON.stringify({ name: "A", email: "a@x.test", password: "é".repeat(30_000) })) },
  "a long name": { path: "/api/auth/signup", ...json(JSON.stringify({ name: "\u200b".repeat(20_000), email: "a@x.test", password: "x" })) },
  "many languages": get({ "Accept-Language": Array.from({ length: 2000 }, (_, i) => `a${i};q=0.${i}`).join(",") }),
  "many cookies": get({ Cookie: Array.from({ length: 1500 }, (_, i) => `c${i}=v`).join("; ") }),
  "forged tokens": get({ Cookie: `accessToken=${"e30.".repeat(1500)}; refreshToken=${"A".repeat(4000)}` }),
  "many proxies": get({ "X-Forwarded-For": Array.from({ length: 900 }, () => "10.0.0.1").join(", ") }),
  "a long query": { method: "GET", path: `/login?${"next=/a&".repeat(3500)}` },
  "a long next page": { method: "GET", path: `/login?next=/${"%2e%2e/".repeat(4000)}` },
  "a long path": { method: "GET", path: `/${"a/".repeat(14_000)}` },
  "a long page before": get({ Referer: `http://x.test/${"%41".repeat(9000)}` }),
  "a long trace": get({ traceparent: "0".repeat(15_000), tracestate: "a=b,".repeat(3500) }),
  "many versions of a file": get({ "If-None-Match": '"a", '.repeat(5000) }),
  "many encodings": get({ "Accept-Encoding": "gzip;q=0.1, ".repeat(2000) }),
  "many types": get({ Accept: "text/html;q=0.1, ".repeat(1700) }),
  "a long browser's name": get({ "User-Agent": "Mozilla/5.0 (".repeat(900) }),
};

async function costlyRequests() {
  const server = await embedded();
  const { paths } = JSON.parse((await expect(200, `${server.url}/openapi.json`, {})).body);
  const many = Array.from({ length: 5000 }, (_, i) => `"${i}":""`).join(",");
  // By a signed-in customer, so that each endpoint reads its input.
  const posts = Object.keys(paths).filter((path) => paths[path].post && !/logout|refresh/.test(path));
  const everywhere = posts.map((path) => {
    const { body, headers } = json(`{${many}}`);
    return [path, { path, body, headers: { ...headers, Cookie: server.cookies } }];
  });
  const costs = [];
  for (const [name, request] of [...Object.entries(COSTLY), ...everywhere]) {
    const cost = await costOf(server, request);
    note(`  ${name}: ${cost.toFixed(2)} ms`);
    costs.push(cost);
  }
  await server.stop();
  return [row("processor time of the most costly request", Math.max(...costs), { unit: "ms", limit: 5 })];
}

/** Compares reads with the token of an ended session and reads by a signed-in customer. */
async function refusedReads({ rounds }) {
  const rows = [];
  for (const server of [await embedded(), await onServers()]) {
    const path = "/api/auth/profile";
    const signedIn = { method: "GET", path, headers: { Cookie: server.cookies } };
    const over = { method: "GET", path, headers: { Cookie: await cookiesOfEnded(server) } };
    const ratios = [];
    for (let round = 0; round < 3 * rounds; round++) ratios.push((await costOf(server, over, READS)) / (await costOf(server, signedIn, READS)));
    rows.push(row(`a read that is refused ÷ one that is served, ${server.name}`, median(ratios), { unit: "×", limit: 2 }));
  }
  return rows;
}

/** Returns all cookies of an ended session, as a browser sends that was signed out from elsewhere. */
async function cookiesOfEnded(server) {
  const [line] = readFileSync(server.logins, "utf8").split("\n");
  const headers = { "Content-Type": "application/json", "User-Agent": USER_AGENT };
  const login = await expect(200, `${server.url}/api/auth/login`, { method: "POST", headers, body: line });
  const cookies = login.headers["set-cookie"].map((cookie) => cookie.split(";")[0]);
  await expect(200, `${server.url}/api/auth/logout`, { method: "POST", headers: { Cookie: cookies.join("; ") } });
  await sleep(1000);
  return cookies.join("; ");
}

export async function hostile(effort) {
  return [
    ...(await slowBodies()),
    ...(await failedForms()),
    ...(await costlyRequests()),
    ...(await refusedReads(effort)),
  ];
}

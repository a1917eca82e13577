// The figures. Each measures and returns its rows of the table.
import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliDecompressSync } from "node:zlib";

import { account } from "./account.mjs";
import { hostile } from "./hostile.mjs";
import { idle } from "./idle.mjs";
import { instances } from "./instances.mjs";
import { longestInteraction } from "./interaction.mjs";
import { scoresOf } from "./lighthouse.mjs";
import { compare, load, median, refreshing, under } from "./load.mjs";
import { bareRate, drain } from "./mail.mjs";
import { residentMiB } from "./memory.mjs";
import { million } from "./million.mjs";
import { devicesOf, loginsOf, page, profileOf, renderedPage } from "./requests.mjs";
import { row } from "./row.mjs";
import {
  CUSTOMERS,
  bare,
  embedded,
  expect,
  mailServer,
  newPath,
  nodeApp,
  onServers,
  program,
  rawBcrypt,
  send,
  services,
  startEmbedded,
  withCustomers,
} from "./servers.mjs";
import { addSessions, rotations } from "./sessions.mjs";
import { soak } from "./soak.mjs";

const MIB = 1024 * 1024;

async function loginPage(effort) {
  const server = await embedded();
  const [sent, rendered, bytes] = await compare(
    effort,
    under(server, page),
    under(server, renderedPage),
    under(await bare(server, page), page),
  );
  return [
    row("GET /login ÷ bare handler", sent.rate / bytes.rate, { limit: 0.25, goal: 0.5 }),
    row("… and rendered for this request alone", rendered.rate / bytes.rate),
  ];
}

async function profile(effort) {
  const [one, two] = [await embedded(), await onServers()];
  const [onEmbedded, onBoth, bytes] = await compare(
    effort,
    under(one, profileOf(one)),
    under(two, profileOf(two)),
    under(await bare(one, profileOf(one)), profileOf(one)),
  );
  return [
    row("profile, embedded ÷ bare handler", onEmbedded.rate / bytes.rate, { limit: 0.25, goal: 0.4 }),
    row("profile, MongoDB + Redis ÷ bare handler", onBoth.rate / bytes.rate),
    row("… of the processor's time, for the read in MongoDB", onBoth.micros("mongod"), { unit: "µs" }),
    row("… and in Redis", onBoth.micros("redis"), { unit: "µs" }),
  ];
}

async function node(effort) {
  const [ours, theirs] = [await onServers(), await nodeApp()];
  const idle = [residentMiB(ours), residentMiB(theirs)];
  const profiles = await compare(effort, under(ours, profileOf(ours)), under(theirs, profileOf(theirs)));
  const longer = { ...effort, seconds: 2 * effort.seconds };
  const logins = await compare(longer, under(ours, loginsOf(ours)), under(theirs, loginsOf(theirs)));
  return [
    row("profile ÷ Node's", profiles[0].rate / profiles[1].rate, { limit: 10 }),
    row("logins ÷ Node's", logins[0].rate / logins[1].rate, { limit: 2 }),
    row("memory idle, MongoDB + Redis", idle[0], { unit: "MiB" }),
    row("memory idle, Node", idle[1], { unit: "MiB" }),
  ];
}

async function logins(effort) {
  const server = await embedded();
  const longer = { ...effort, seconds: 2 * effort.seconds };
  const latencies = [];
  const meanwhile = under(server, loginsOf(server));
  const loggingIn = {
    ...meanwhile,
    async work(seconds) {
      const probe = { path: "/healthz", connections: 4, perSecond: 100, seconds };
      const [result, { p99 }] = await Promise.all([meanwhile.work(seconds), load(server, probe)]);
      latencies.push(p99 * 1000);
      return result;
    },
  };
  const raw = {
    name: "bcrypt alone",
    async work(seconds) {
      const rate = await rawBcrypt(seconds);
      return { rate, answers: rate * seconds };
    },
  };
  const [ours, bcrypt] = await compare(longer, loggingIn, raw);
  return [
    row("logins ÷ bcrypt alone", ours.rate / bcrypt.rate, { limit: 0.9 }),
    row(`p99 of /healthz while ${CUSTOMERS} log in`, median(latencies), { unit: "ms", limit: 25 }),
  ];
}

async function refresh(effort) {
  const { emptyRedis, pids } = await services();
  const [one, two] = [await embedded(), await onServers()];
  const [onEmbedded, onBoth, script] = await compare(
    effort,
    refreshing(one),
    refreshing(two),
    await rotations(await emptyRedis(), pids.redis),
  );
  return [
    row("refreshes, MongoDB + Redis ÷ redis-benchmark with the same script", onBoth.rate / script.rate, { limit: 0.4 }),
    row("refreshes, embedded, a second", onEmbedded.rate),
  ];
}

/** The number of store operations per request, with warm caches. */
async function roundTrips() {
  const REQUESTS = 1000;
  const server = await onServers();
  const { commands } = await services();
  const headers = { Cookie: server.cookies, Accept: "text/html" };
  const rows = [];
  // A signed-in customer is redirected from /login. /account and the profile show the customer, which is one read.
  for (const [path, status, reads] of [["/login", 303, 0], ["/account", 200, 1], ["/api/auth/profile", 200, 1]]) {
    await expect(status, server.url + path, { headers });
    const before = await commands();
    for (let i = 0; i < REQUESTS; i++) await send(server.url + path, { headers });
    const after = await commands();
    for (const [store, limit] of [["redis", 0], ["mongod", reads]]) {
      // Rounded, since the program polls for new signing keys every two seconds.
      const each = Math.round((100 * (after[store] - before[store])) / REQUESTS) / 100;
      rows.push(row(`commands in ${store} for ${path}, signed in`, each, { unit: "commands", limit }));
    }
  }
  return rows;
}

async function sessions(effort) {
  const [few, many] = effort.rounds > 1 ? [1_000, 1_000_000] : [1_000, 100_000];
  const [small, large] = [await onServers("doorstep-few"), await onServers("doorstep-many")];
  await addSessions(small.redisUrl, few - CUSTOMERS);
  const bytes = await addSessions(large.redisUrl, many - CUSTOMERS);
  const rows = [row(`a session in Redis, of ${many}`, bytes, { unit: "bytes", limit: 600 })];
  for (const [name, request] of [
    // In this order, so that the list has one session on both sides.
    ["list", (server) => under(server, devicesOf(server))],
    ["refresh", refreshing],
    ["login", (server) => under(server, loginsOf(server))],
  ]) {
    const [fast, slow] = await compare(effort, request(small), request(large));
    rows.push(row(`${name}, time with ${many} sessions ÷ with ${few}`, fast.rate / slow.rate, { unit: "×", limit: 1.2 }));
  }
  return rows;
}

async function outbox(effort) {
  const [some, many] = effort.rounds > 1 ? [10_000, 100_000] : [3_000, 10_000];
  const port = await mailServer();
  await bareRate(port, some / 10);
  const bare = await bareRate(port, some);
  const { rate } = await drain(some, residentMiB);
  const backlog = await drain(many, residentMiB);
  process.stderr.write(`  bare ${bare.toFixed(0)}, outbox ${rate.toFixed(0)}, of ${many} ${backlog.rate.toFixed(0)} a second\n`);
  return [
    row("mails from the outbox ÷ from a bare loop of lettre", rate / bare, { limit: 0.8 }),
    row(`memory that ${many} waiting mails add`, backlog.growth, { unit: "MiB", limit: 50 }),
  ];
}

/** Returns `/login` and all files that it loads, by name, as a browser receives them. */
async function filesOfLogin() {
  const server = await embedded();
  const fetch = (path) => expect(200, server.url + path, { headers: { "Accept-Encoding": "br" } });
  const html = await fetch("/login");
  const names = new Set(html.body.toString().match(/(?<=["'])\/[\w./-]+\.(js|css|wasm|svg|png|ico|woff2)(?=["'])/g));
  const files = new Map();
  for (const name of names) files.set(name, await fetch(name));
  return { html, files };
}

/** Returns the size in kB of the only file with this ending, which must be compressed. */
function compressedSize(files, ending) {
  const [file, ...more] = [...files.keys()].filter((name) => name.endsWith(ending));
  if (!file || more.length || files.get(file).headers["content-encoding"]?.[0] !== "br") {
    throw new Error(`one file ${ending}, compressed, should belong to /login; there are ${[...files.keys()].join(" ")}`);
  }
  const { body } = files.get(file);
  brotliDecompressSync(body);
  return body.length / 1000;
}

async function firstPage() {
  const { html, files } = await filesOfLogin();
  const webAssembly = compressedSize(files, ".wasm");
  for (const [name, { bytes }] of [["/login", html], ...files]) process.stderr.write(`  ${name}: ${bytes} bytes\n`);
  const everything = [html, ...files.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    row("WebAssembly, brotli", webAssembly, { unit: "kB", limit: 150 }),
    row("all of /login as transferred", everything / 1000, { unit: "kB", limit: 190 }),
  ];
}

async function start(effort) {
  const [fresh, again] = [[], []];
  let data;
  for (let i = 0; i < 3 * effort.rounds; i++) {
    data = newPath("data");
    for (const times of [fresh, again]) {
      const server = await startEmbedded(data);
      times.push(server.startedIn);
      await server.stop();
    }
  }
  const each = (times) => times.map((time) => time.toFixed(0)).join(" ");
  process.stderr.write(`  fresh: ${each(fresh)} ms; again: ${each(again)} ms\n`);

  const server = await startEmbedded(data);
  await sleep(1000);
  const idle = residentMiB(server);
  const profile = profileOf(await withCustomers(server));
  for (const request of [page, profile]) await load(server, { ...request, seconds: 2 });
  await sleep(1000);
  const warm = residentMiB(server);
  await server.stop();
  return [
    row("start to first page, fresh data", median(fresh), { unit: "ms", limit: 150 }),
    row("start to first page, existing data", median(again), { unit: "ms", limit: 150 }),
    row("memory idle after start", idle, { unit: "MiB", limit: 30 }),
    row("memory idle after warm-up", warm, { unit: "MiB", limit: 30 }),
    row("the program", statSync(program).size / MIB, { unit: "MiB", limit: 25 }),
  ];
}

async function scores({ rounds }) {
  const scores = await scoresOf(await embedded(), rounds);
  return scores.map(({ path, category, score }) => row(`Lighthouse, ${category} of ${path}`, score, { limit: 100 }));
}

/** Browsers round to 8 ms, and one late frame is two of these steps, so a reliable result needs many rounds. */
async function interaction({ rounds }) {
  const server = await embedded();
  const rows = [];
  for (const path of ["/signup", "/login"]) {
    const longest = [];
    for (let round = 0; round < 3 * rounds; round++) longest.push(await longestInteraction(server, path));
    rows.push(row(`longest interaction on ${path} at 4x slowdown`, median(longest), { unit: "ms", limit: 50 }));
  }
  return rows;
}

async function sizes() {
  const { files } = await filesOfLogin();
  return [
    row("stylesheet of /login, brotli", compressedSize(files, ".css"), { unit: "kB", limit: 10 }),
    row("WebAssembly, brotli", compressedSize(files, ".wasm"), { unit: "kB", limit: 150, goal: 120 }),
  ];
}

export const FIGURES = {
  "login-page": loginPage,
  profile,
  node,
  logins,
  refresh,
  "round-trips": roundTrips,
  sessions,
  outbox,
  "first-page": firstPage,
  start,
  instances,
  idle,
  hostile,
  account,
};

/** Figures that take many minutes, and run by name only. */
export const LONG = { soak, million };

/** The figures of `--lighthouse`: the pages on a phone. */
export const ON_A_PHONE = { scores, interaction, sizes };

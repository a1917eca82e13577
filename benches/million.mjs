// Compares a million customers with a thousand, on both kinds of store.
import { execFile } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { compare, inTurns, median, note } from "./load.mjs";
import { row } from "./row.mjs";
import {
  PASSWORD,
  USER_AGENT,
  cookiesOf,
  doorstep,
  expect,
  newPath,
  ownStores,
  rawBcrypt,
  services,
} from "./servers.mjs";

const run = promisify(execFile);
const LIMIT = { unit: "×", limit: 1.2 };
/** The lowest cost, so that the store takes most of the time of a login. */
const COST = 4;
/** The number of documents inserted in one step. */
const BATCH = 5000;
/** The number of signed-in customers in both cases, and of login bodies. */
const SIGNED_IN = 1000;
const LOGINS = 20_000;
const MINUTE_MS = 60_000;

const bodyOf = (number) => ({ email: `customer${number}@example.com`, password: PASSWORD });
const post = (body) => {
  const headers = { "Content-Type": "application/json", "User-Agent": USER_AGENT };
  return { method: "POST", headers, body: JSON.stringify(body) };
};

// --- Stores with many customers ----------------------------------------------------

/** Adds customers to MongoDB, each a copy of the one that the program created, a minute apart. */
async function fillMongo(name, count) {
  const users = (await services()).collection(name, "users");
  const like = await users.findOne();
  const ObjectId = like._id.constructor;
  const customer = (number) => {
    const came = new Date(Date.now() - (count - number) * MINUTE_MS);
    const seconds = Math.floor(came / 1000).toString(16).padStart(8, "0");
    const _id = new ObjectId(seconds + randomBytes(8).toString("hex"));
    const document = { ...like, _id, email: bodyOf(number).email, createdAt: came, updatedAt: came };
    if (like.doorstep?.verification) {
      const verification = { ...like.doorstep.verification, hash: randomBytes(32) };
      document.doorstep = { ...like.doorstep, verification };
    }
    return document;
  };
  for (let number = 1; number < count; number += BATCH) {
    const length = Math.min(BATCH, count - number);
    await users.insertMany(Array.from({ length }, (_, i) => customer(number + i)));
  }
}

const fillEmbedded = (dataDir, count) =>
  run("python3", [join(import.meta.dirname, "fill.py"), join(dataDir, "doorstep.db"), "1", `${count}`]);

/** Returns a store of each kind: how the program starts on it, and how it is filled. */
async function store(kind, name) {
  if (kind === "embedded") {
    const DATA_DIR = newPath("data");
    return { settings: { DATA_DIR }, stores: {}, fill: (count) => fillEmbedded(DATA_DIR, count) };
  }
  const { pids } = await services();
  return { settings: await ownStores(name), stores: pids, fill: (count) => fillMongo(name, count) };
}

/** Prepares the program, not yet started, on its own store with `count` customers, who share one password hash. */
async function shop(kind, count) {
  const name = `${kind}-${count}`;
  const { settings, stores, fill } = await store(kind, name);
  const configuration = { BCRYPT_COST: `${COST}`, RUST_LOG: "warn", ...settings };
  const start = async () => ({ ...(await doorstep(name, configuration)), stores });
  const server = await start();
  await expect(201, `${server.url}/api/auth/signup`, post({ name: "Ada Lovelace", ...bodyOf(0) }));
  await server.stop();
  const began = performance.now();
  await fill(count);
  note(`  ${name}: filled in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return { name, count, start };
}

// --- Requests ------------------------------------------------------------------------

const anyone = ({ count }) => bodyOf(randomInt(count));

function logins(shop, server) {
  const file = newPath("logins");
  const bodies = Array.from({ length: LOGINS }, () => anyone(shop));
  writeFileSync(file, bodies.map((body) => `${JSON.stringify(body)}\n`).join(""));
  return inTurns(server, { method: "POST", path: "/api/auth/login", file });
}

async function profiles(shop, server) {
  const file = newPath("cookies");
  const cookies = [];
  while (cookies.length < SIGNED_IN) {
    cookies.push(cookiesOf(await expect(200, `${server.url}/api/auth/login`, post(anyone(shop)))));
  }
  writeFileSync(file, cookies.map((line) => `${line}\n`).join(""));
  return inTurns(server, { path: "/api/auth/profile", file });
}

function signUps(shop, server) {
  const file = newPath("sign-ups");
  writeFileSync(file, `${JSON.stringify({ name: "Grace Hopper", email: "new%@example.com", password: PASSWORD })}\n`);
  return inTurns(server, { method: "POST", path: "/api/auth/signup", file });
}

/** Measures start-up times in alternating order, in ms. */
async function starts({ rounds }, shops) {
  const times = shops.map(() => []);
  for (let i = 0; i < 5 * rounds; i++) {
    for (const which of i % 2 ? [1, 0] : [0, 1]) {
      const server = await shops[which].start();
      times[which].push(server.startedIn);
      await server.stop();
    }
  }
  for (const [which, { name }] of shops.entries()) {
    note(`  ${name}: started in ${times[which].map((time) => time.toFixed(0)).join(" ")} ms`);
  }
  return times.map(median);
}

/** A contestant that only hashes: the share of hashing in each login and sign-up. */
const hash = {
  name: `bcrypt alone, at cost ${COST}`,
  async work(seconds) {
    const rate = await rawBcrypt(seconds, COST);
    return { rate, answers: rate * seconds };
  },
};

async function onStore(kind, effort, many) {
  const few = 1000;
  const shops = [await shop(kind, few), await shop(kind, many)];
  const times = `${kind}, time with ${many} customers ÷ with ${few}`;
  const [soon, late] = await starts(effort, shops);
  const rows = [row(`start, ${times}`, late / soon, LIMIT)];
  const servers = [await shops[0].start(), await shops[1].start()];
  // Sign-ups come last, since they add customers to the thousand.
  for (const [name, of, hashes] of [
    ["profile", profiles, []],
    ["login", logins, [hash]],
    ["sign-up", signUps, [hash]],
  ]) {
    const contestants = [];
    for (const [which, server] of servers.entries()) contestants.push(await of(shops[which], server));
    const [soon, late, alone] = await compare(effort, ...contestants, ...hashes);
    rows.push(row(`${name}, ${times}`, soon.rate / late.rate, LIMIT));
    if (!alone) continue;
    const micros = [soon, late].map((measured, which) => {
      const busy = [servers[which].name, ...Object.keys(servers[which].stores)];
      return busy.reduce((sum, who) => sum + measured.micros(who), -alone.micros("load"));
    });
    rows.push(row("… of the processor's time, without the hash", micros[1] / micros[0], LIMIT));
  }
  for (const server of servers) await server.stop();
  return rows;
}

export async function million(effort) {
  const many = effort.rounds > 1 ? 1_000_000 : 100_000;
  const rows = [];
  for (const kind of ["embedded", "servers"]) rows.push(...(await onStore(kind, effort, many)));
  return rows;
}

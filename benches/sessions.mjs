// Sessions in Redis in the program's format, without the program: measures the cost of its rotation script with any
// number of sessions.
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { BROWSERS, redis } from "./servers.mjs";

const run = promisify(execFile);
const SCRIPTS = join(import.meta.dirname, "../src/adapters/redis");
const DAY_MS = 24 * 3600 * 1000;
const IDLE_MS = 14 * DAY_MS;
const LONGEST_MS = 90 * DAY_MS;
const MOST = 100;
/** As long as the hash of a token. */
const TOKEN = "0123456789abcdef0123456789abcdef";

const prefixOf = (customer) => `doorstep:{${customer}}:s:`;
const indexOf = (customer) => `doorstep:{${customer}}:sessions`;
const loaded = (url, name) => redis(url, "SCRIPT", "LOAD", readFileSync(join(SCRIPTS, name), "utf8"));

/** Encodes a command in Redis's protocol. */
function encode(command) {
  const parts = command.flatMap((part) => {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(`${part}`);
    return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n")];
  });
  return Buffer.concat([Buffer.from(`*${command.length}\r\n`), ...parts]);
}

/** Sends all commands to Redis in one pipeline. */
async function pipe(url, commands) {
  const child = spawn("redis-cli", ["-u", url, "--pipe"], { stdio: ["pipe", "pipe", "inherit"] });
  const said = child.stdout.toArray();
  const exited = new Promise((exit, failed) => child.once("exit", exit).once("error", failed));
  for (const command of commands) {
    if (!child.stdin.write(command)) await new Promise((drained) => child.stdin.once("drain", drained));
  }
  child.stdin.end();
  const code = await exited;
  const text = Buffer.concat(await said).toString();
  if (code !== 0 || !text.includes("errors: 0,")) throw new Error(`redis-cli --pipe: ${text}`);
}

/** Returns a refreshed session, as `create.lua` followed by `rotate.lua` stores it. */
function creation(script, customer, id) {
  const now = Date.now();
  const [prefix, index] = [prefixOf(customer), indexOf(customer)];
  const fields = {
    t: randomBytes(32), p: randomBytes(32), c: now, a: now, u: now, x: now + IDLE_MS, e: now + LONGEST_MS,
    i: "203.0.113.217", b: "Samsung Internet", s: "Android",
  };
  const limits = [IDLE_MS, LONGEST_MS, now, MOST];
  return ["EVALSHA", script, 2, prefix + id, index, prefix, id, ...limits, ...Object.entries(fields).flat()];
}

/** Adds this many sessions, each of its own customer, and returns the bytes per session. */
export async function addSessions(url, count) {
  const script = await loaded(url, "create.lua");
  const used = async () => Number((await redis(url, "INFO", "memory")).match(/used_memory:(\d+)/)[1]);
  const before = await used();
  await pipe(url, (function* () {
    for (let i = 0; i < count; i++) {
      yield encode(creation(script, randomBytes(12).toString("hex"), randomBytes(16).toString("base64url")));
    }
  })());
  return (await used() - before) / count;
}

/**
 * A contestant: redis-benchmark with the program's own script, on as many sessions as connections. Every rotation has
 * the same successor token, so that each call counts as a first use.
 */
export async function rotations(url, pid) {
  const script = await loaded(url, "create.lua");
  const id = randomBytes(16).toString("base64url");
  const half = "0".repeat(12);
  const customers = Array.from({ length: BROWSERS }, (_, i) => half + `${i}`.padStart(12, "0"));
  await pipe(url, customers.map((customer) => encode(creation(script, customer, id))));
  await pipe(url, customers.map((customer) => encode(["HSET", prefixOf(customer) + id, "t", TOKEN])));

  const customer = `${half}__rand_int__`;
  const now = Date.now();
  const rotate = ["EVALSHA", await loaded(url, "rotate.lua"), "2", prefixOf(customer) + id, indexOf(customer)];
  rotate.push(id, TOKEN, TOKEN, `${now}`, "10000", "30000", `${now + IDLE_MS}`);
  const [, host, port, database] = url.match(/redis:\/\/([^:/]+):(\d+)\/(\d+)/);
  const where = ["-h", host, "-p", port, "--dbnum", database, "-c", `${BROWSERS}`, "-r", `${BROWSERS}`];
  const bench = async (answers) => {
    const { stdout } = await run("redis-benchmark", [...where, "-n", `${answers}`, "--csv", ...rotate]);
    return { answers, rate: Number(stdout.trim().split("\n").at(-1).split('","')[1]) };
  };
  let rate;
  return {
    name: "redis-benchmark, rotations",
    pids: { redis: pid },
    warmUp: async () => ({ rate } = await bench(20_000)),
    work: (seconds) => bench(Math.round(rate * seconds)),
  };
}

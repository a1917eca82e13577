// Starts the servers under test and the baselines on free ports, with a configuration that is independent of the
// environment, and stops them at the end.
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "..");
const PROGRAM = resolve(process.env.DOORSTEP_BIN ?? join(ROOT, "target/release/doorstep"));
export const BASELINE = join(ROOT, "target/bench/release/baseline");
export const PASSWORD = "seven tall herons";
export const USER_AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0";
const PATIENCE_MS = 15_000;

export const COST = 10;
export const CUSTOMERS = 64;
/** The number of customers with a browser that refreshes its session. */
export const BROWSERS = 32;

// --- Cleanup -----------------------------------------------------------------

const undo = [];
export const atEnd = (step) => undo.push(step);

export async function endAll() {
  while (undo.length) await undo.pop()();
}

export const folder = mkdtempSync(join(tmpdir(), "doorstep-bench-"));
undo.push(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
/** Returns a new path in our folder. */
export const newPath = (name) => join(folder, `${name}-${count++}`);

/** Memoizes `make`: the same arguments return the same result. */
function once(make) {
  const made = new Map();
  return (...args) => {
    const key = JSON.stringify(args);
    if (!made.has(key)) made.set(key, make(...args));
    return made.get(key);
  };
}

// --- Requests ------------------------------------------------------------------

/** Sends one request on its own connection. Returns the response and the number of bytes received. */
export function send(url, { method = "GET", headers = {}, body } = {}) {
  return new Promise((done, failed) => {
    const request = httpRequest(url, { method, headers, agent: new Agent({ keepAlive: false }) }, async (response) => {
      try {
        const content = Buffer.concat(await response.toArray());
        done({
          status: response.statusCode,
          headers: response.headersDistinct,
          body: content,
          bytes: response.socket.bytesRead,
        });
      } catch (error) {
        failed(error);
      }
    });
    request.on("error", failed);
    request.end(body);
  });
}

export async function expect(status, url, options) {
  const answer = await send(url, options);
  if (answer.status !== status) throw new Error(`${url} answered ${answer.status}: ${answer.body}`);
  return answer;
}

/** Returns the cookies that a response sets, as a request header. */
export const cookiesOf = ({ headers }) => headers["set-cookie"].map((cookie) => cookie.split(";")[0]).join("; ");

// --- Processes -----------------------------------------------------------------

async function freePort() {
  const probe = createServer();
  await new Promise((listening) => probe.listen(0, "127.0.0.1", listening));
  const { port } = probe.address();
  await new Promise((closed) => probe.close(closed));
  return port;
}

/** Starts a server, and waits until it answers at `path` with any status. */
async function start(name, path, command, args, env) {
  const log = newPath(name);
  const began = performance.now();
  // In our folder, which has no .env file.
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", openSync(log, "a"), openSync(log, "a")],
  });
  const exited = new Promise((exit) => child.once("exit", exit).once("error", exit));
  const alive = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined;
  const stop = async () => {
    if (alive()) child.kill("SIGTERM");
    await exited;
  };
  undo.push(stop);
  const url = `http://127.0.0.1:${env.PORT}`;
  for (;;) {
    try {
      await send(url + path);
      return { name, url, pid: child.pid, log, stop, startedIn: performance.now() - began };
    } catch (error) {
      if (!alive() || performance.now() - began > PATIENCE_MS) {
        throw new Error(`${name} does not answer (${error.message}); it says:\n${readFileSync(log, "utf8")}`);
      }
    }
    await sleep(1);
  }
}

/** Starts Doorstep with these stores and other settings. */
export async function doorstep(name, settings) {
  const PORT = String(await freePort());
  const env = { PORT, BCRYPT_COST: String(COST), RATE_LIMITS: "off", ...settings };
  return start(name, "/login", PROGRAM, ["serve"], env);
}

/** Returns new databases in MongoDB and Redis. */
export async function ownStores(name) {
  const { mongoUri, emptyRedis } = await services();
  const SECRET_KEY = randomBytes(32).toString("base64");
  return { MONGODB_URI: mongoUri(name), REDIS_URL: await emptyRedis(), SECRET_KEY };
}

/** Starts Doorstep with its own data folder. `startedIn` is the time from the start to the first rendered page, in ms. */
export const startEmbedded = (dataDir) => doorstep("doorstep", { DATA_DIR: dataDir });

// --- Servers that figures share --------------------------------------------------

export const embedded = once(async () => withCustomers(await startEmbedded(newPath("data"))));

/** On its own databases in MongoDB and Redis. */
export const onServers = once(async (name = "doorstep-servers") => {
  const { pids } = await services();
  const stores = await ownStores(name);
  const server = await doorstep(name, stores);
  return withCustomers({ ...server, stores: pids, redisUrl: stores.REDIS_URL });
});

/** Starts a mail server that discards all mail. Returns its port. */
export const mailServer = once(async () => {
  const port = await freePort();
  const args = [join(import.meta.dirname, "sink.py"), `${port}`];
  const child = spawn("python3", args, { env: { ...process.env, PYTHONPATH: process.env.DOORSTEP_TEST_PYTHONPATH }, stdio: "ignore" });
  undo.push(() => child.kill());
  const began = performance.now();
  while (!(await new Promise((done) => connect(port, "127.0.0.1", () => done(true)).on("error", () => done(false))))) {
    if (performance.now() - began > PATIENCE_MS) throw new Error("the mail server does not start");
    await sleep(20);
  }
  return port;
});

/** Starts Doorstep on its own databases, with the mail server at this port. */
export async function mailing(name, port) {
  return doorstep(name, {
    ...(await ownStores(name)),
    SMTP_URL: `smtp://127.0.0.1:${port}`,
    MAIL_FROM: "Tea Shop <hello@tea.test>",
    RUST_LOG: "warn",
  });
}

export const nodeApp = once(async () => {
  const { mongoUri, emptyRedis, pids } = await services();
  const server = await start("node", "/", process.execPath, [join(import.meta.dirname, "node/server.js")], {
    NODE_ENV: "production",
    PORT: String(await freePort()),
    MONGO_URI: mongoUri("node"),
    REDIS_URL: await emptyRedis(),
    ACCESS_TOKEN_SECRET: randomBytes(32).toString("base64"),
    REFRESH_TOKEN_SECRET: randomBytes(32).toString("base64"),
  });
  return withCustomers({ ...server, stores: pids });
});

/** Starts a minimal server that sends the response that `server` gave to this request. */
export async function bare(server, { path, headers }) {
  const answer = await expect(200, server.url + path, { headers });
  const itsOwn = ["date", "connection", "keep-alive", "content-length", "transfer-encoding"];
  const lines = Object.entries(answer.headers)
    .filter(([name]) => !itsOwn.includes(name))
    .flatMap(([name, values]) => values.map((value) => `${name}: ${value}\n`));
  const file = newPath("answer");
  writeFileSync(file, Buffer.concat([Buffer.from(`${lines.join("")}\n`), answer.body]));
  const PORT = String(await freePort());
  return start("bare", path, BASELINE, ["serve", PORT, file], { PORT });
}

/** Returns the bcrypt verifications per second on all cores. */
export async function rawBcrypt(seconds, cost = COST) {
  const { stdout } = await run(BASELINE, ["bcrypt", String(cost), String(seconds)]);
  return Number(stdout);
}

export const program = PROGRAM;

// --- Customers -------------------------------------------------------------------

/**
 * Signs customers up. `logins` is a file with one login body per line, `browsers` is a file with the cookies of one
 * session per line, and `cookies` are those of another session.
 */
export async function withCustomers(server) {
  const headers = { "Content-Type": "application/json", "User-Agent": USER_AGENT };
  const [logins, browsers] = [newPath("logins"), newPath("browsers")];
  const bodies = Array.from({ length: CUSTOMERS }, (_, i) => {
    return { name: `Customer ${i}`, email: `customer${i}@example.com`, password: PASSWORD };
  });
  const cookies = [];
  for (const body of bodies) {
    const signUp = { method: "POST", headers, body: JSON.stringify(body) };
    cookies.push(cookiesOf(await expect(201, `${server.url}/api/auth/signup`, signUp)));
  }
  writeFileSync(logins, bodies.map(({ email, password }) => `${JSON.stringify({ email, password })}\n`).join(""));
  writeFileSync(browsers, cookies.splice(0, BROWSERS).map((line) => `${line}\n`).join(""));
  return { ...server, logins, browsers, cookies: cookies.at(-1) };
}

// --- MongoDB and Redis -------------------------------------------------------------

/** Starts both, and returns their URLs. They are stopped at the end unless they were running before. */
export const services = once(async () => {
  const script = (verb) => run(join(ROOT, "script/services"), [verb]);
  const ran = await script("status").then(() => true, () => false);
  if (!ran) undo.push(() => script("stop"));
  const { stdout } = await script("start");
  const { MONGODB_URI, REDIS_URL } = Object.fromEntries(
    stdout.trim().split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

  const require = createRequire(import.meta.url);
  const { MongoClient } = require(`${process.env.MONGODB_DRIVER}/node_modules/mongodb`);
  const mongo = new MongoClient(MONGODB_URI);
  const prefix = `bench_${randomBytes(6).toString("hex")}`;
  const databases = [];
  undo.push(async () => {
    for (const database of databases) await mongo.db(database).dropDatabase();
    await mongo.close();
  });
  const mongoUri = (name) => {
    databases.push(`${prefix}_${name}`);
    const uri = new URL(MONGODB_URI);
    uri.pathname = databases.at(-1);
    return uri.href;
  };

  const emptyRedis = ofRedis(REDIS_URL);
  const { pid } = await mongo.db("admin").command({ serverStatus: 1 });
  const info = await redis(REDIS_URL, "INFO", "server");
  const pids = { mongod: Number(pid), redis: Number(info.match(/process_id:(\d+)/)[1]) };
  const collection = (name, of) => mongo.db(`${prefix}_${name}`).collection(of);
  return { mongoUri, emptyRedis, pids, collection, commands: () => commands(mongo, REDIS_URL) };
});

/** Sends a command to Redis with its own client. */
export async function redis(url, ...command) {
  return (await run("redis-cli", ["-u", url, ...command])).stdout.trim();
}

/** Returns unused databases in Redis, a different one each time. The tests use the first one. */
function ofRedis(url) {
  let number = 16;
  return async () => {
    while (--number > 0) {
      const ours = url.replace(/\/\d+$/, `/${number}`);
      if ((await redis(ours, "DBSIZE")) !== "0") continue;
      undo.push(() => redis(ours, "FLUSHDB"));
      return ours;
    }
    throw new Error("every database in Redis holds something");
  };
}

/** Returns how many commands that access records the stores have received, from any client. */
async function commands(mongo, redisUrl) {
  const ofRecords = ["find", "aggregate", "count", "distinct", "insert", "update", "delete", "findAndModify"];
  const { metrics } = await mongo.db("admin").command({ serverStatus: 1 });
  const inMongo = ofRecords.map((name) => Number(metrics.commands[name]?.total ?? 0));
  const itself = ["ping", "info", "select", "hello", "client"];
  const inRedis = [...(await redis(redisUrl, "INFO", "commandstats")).matchAll(/cmdstat_([a-z]+)\S*?:calls=(\d+)/g)]
    .filter(([, name]) => !itself.includes(name))
    .map(([, , calls]) => Number(calls));
  const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
  return { mongod: sum(inMongo), redis: sum(inRedis) };
}

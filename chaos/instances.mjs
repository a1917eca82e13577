// The program: two instances on the same servers.
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { folder, newPath, program, send } from "../benches/servers.mjs";
import { Process, ownPort, until } from "./processes.mjs";

/** How long a used refresh token still returns its successor. */
export const GRACE_MS = 1000;

class Instance {
  constructor(name, port, env, command) {
    Object.assign(this, { name, port, url: `http://127.0.0.1:${port}`, env });
    this.process = new Process(name, command, ["serve"], { cwd: folder, env: { ...env, PORT: `${port}` } });
  }

  /** Returns once the instance reports that it is ready. */
  async start(env = {}) {
    this.process.env = { ...this.env, PORT: `${this.port}`, ...env };
    this.process.start();
    await until(`${this.name} is ready`, async () => (await send(`${this.url}/readyz`)).status === 200);
  }

  /** Uses the new version from the next start on. */
  upgrade() {
    this.process.command = program;
  }

  /** Returns true if the instance has panicked. */
  panics() {
    return readFileSync(this.process.log, "utf8").split("\n").filter((line) => line.includes("panicked at"));
  }
}

/** Starts instances of the program under test, or of the previous version `from`. */
export async function startInstances(mongodb, redis, from = program) {
  const ports = [await ownPort(), await ownPort()];
  const env = {
    PUBLIC_URL: `http://localhost:${ports[0]}`,
    MONGODB_URI: mongodb.uri,
    REDIS_URL: redis.url,
    SECRET_KEY: randomBytes(32).toString("base64"),
    REFRESH_GRACE: `${GRACE_MS / 1000}s`,
    BCRYPT_COST: "4",
    RATE_LIMITS: "off",
    RUST_LOG: "warn",
    LOG_FORMAT: "text",
  };
  const instances = ports.map((port, i) => new Instance(`instance-${i + 1}`, port, env, from));
  await Promise.all(instances.map((instance) => instance.start()));
  return instances;
}

/** Debian's libfaketime, if it is installed. */
function faketime() {
  const folders = existsSync("/usr/lib") ? readdirSync("/usr/lib") : [];
  return folders.map((name) => join("/usr/lib", name, "faketime/libfaketimeMT.so.1")).find(existsSync);
}

/**
 * Returns a clock that can be set while a program uses it, and the environment for that program. Returns `undefined`
 * without the library.
 */
export function ownClock() {
  const library = faketime();
  if (!library) return undefined;
  const file = newPath("clock");
  const set = (offset) => writeFileSync(file, `${offset}\n`);
  set("+0");
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: "1",
    // Timeouts do not depend on the time of day.
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
  // Removes its files for a process.
  const sweep = (pid) => {
    const names = [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`];
    for (const name of names) rmSync(join("/dev/shm", name), { force: true });
  };
  return { env, set, sweep };
}

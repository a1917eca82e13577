// Servers as processes: they are killed, paused and restarted while others use them, and none of them outlives this
// process.
import { execFile, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { atEnd, newPath } from "../benches/servers.mjs";

export const run = promisify(execFile);

/** Kills the child when this process dies for any reason. Uses util-linux, if it is installed. */
const LEASH = await run("setpriv", ["--version"]).then(() => ["setpriv", "--pdeathsig", "KILL", "--"], () => []);

const processes = [];
atEnd(() => Promise.all(processes.map((process) => process.kill())));
process.on("exit", () => processes.forEach((process) => process.signal("SIGKILL")));

/** Processes that exited without being told to. */
export const deserters = [];

export class Process {
  #child;
  #ended;
  #expected = false;

  /** @param {{cwd?: string, env?: object}} options without `cwd`, a new folder is created */
  constructor(name, command, args, { cwd, env } = {}) {
    this.name = name;
    this.log = newPath(`${name}.log`);
    Object.assign(this, { command, args });
    this.cwd = cwd ?? newPath(name);
    this.env = env;
    mkdirSync(this.cwd, { recursive: true });
    processes.push(this);
  }

  get pid() {
    return this.#child.pid;
  }

  get alive() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  start() {
    const log = openSync(this.log, "a");
    const [command, ...args] = [...LEASH, this.command, ...this.args];
    const env = { PATH: process.env.PATH, ...this.env };
    const child = spawn(command, args, { cwd: this.cwd, env, stdio: ["ignore", log, log] });
    this.#child = child;
    this.#expected = false;
    this.#ended = new Promise((ended) => child.once("exit", ended).once("error", ended)).then((code) => {
      if (!this.#expected) deserters.push(`${this.name} ended by itself (${code}); it said:\n${this.lastWords()}`);
      return code;
    });
  }

  signal(name) {
    if (this.alive) this.#child.kill(name);
  }

  pause() {
    this.signal("SIGSTOP");
  }

  resume() {
    this.signal("SIGCONT");
  }

  /** `kill -9` */
  async kill() {
    this.#expected = true;
    this.signal("SIGKILL");
    await this.#ended;
  }

  /** Asks it to exit, and returns its exit code. */
  async stop() {
    this.#expected = true;
    this.signal("SIGTERM");
    return this.#ended;
  }

  lastWords() {
    return readFileSync(this.log, "utf8").split("\n").slice(-20).join("\n");
  }
}

const given = new Set();

/** Returns a free port below the ephemeral range, so that it stays available after a kill. */
export async function ownPort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (given.has(port)) continue;
    const probe = createServer();
    const free = await new Promise((told) => {
      probe.once("error", () => told(false)).listen(port, "0.0.0.0", () => told(true));
    });
    if (!free) continue;
    await new Promise((closed) => probe.close(closed));
    given.add(port);
    return port;
  }
}

/** Returns once `isSo` returns true. An exception counts as false. */
export async function until(what, isSo, { seconds = 60, every = 100 } = {}) {
  const deadline = performance.now() + seconds * 1000;
  for (let last; ; ) {
    try {
      if (await isSo()) return;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s (${last?.message ?? "no"})`);
    await sleep(every);
  }
}

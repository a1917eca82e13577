// A Redis, on a network whose lines can be cut.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { Process, run } from "./processes.mjs";

/** What was written is in a file before it is answered, so that a kill loses nothing of it. */
export const PERSISTENT = ['save ""', "appendonly yes", "appendfsync everysec", "repl-diskless-sync-delay 0"];

/** How long one may be silent before the others call it dead. */
export const SILENCE_MS = 1500;

export class Node {
  /**
   * @param {{address: string, port: number}} place a loopback address of its own
   * @param {string[]} settings lines of its configuration, in which a Sentinel changes whom it follows
   */
  constructor(network, name, { address, port }, settings) {
    Object.assign(this, { network, address, port });
    this.process = new Process(name, "redis-server", ["redis.conf"]);
    configure(join(this.process.cwd, "redis.conf"), { address, port }, settings);
  }

  /** Those of them that hold themselves for primaries. */
  static async primaries(nodes) {
    const roles = await Promise.all(nodes.map((node) => node.say("ROLE")));
    return nodes.filter((_, i) => roles[i].startsWith("master"));
  }

  say(...command) {
    return say(this, ...command);
  }

  async kill() {
    await this.process.kill();
    await this.network.close(this.address);
  }

  async restart() {
    this.process.start();
    await this.network.reopen(this.address);
  }

  cut(options) {
    this.network.cut(this.address, options);
  }

  mend() {
    this.network.mend(this.address);
  }
}

/** Writes down how a Redis or a Sentinel is to be. */
export function configure(file, { address, port }, settings) {
  const lines = [`bind ${address}`, `bind-source-addr ${address}`, `port ${port}`, ...settings];
  writeFileSync(file, `${lines.join("\n")}\n`);
}

/** What one there answers. */
export async function say({ address, port }, ...command) {
  return (await run("redis-cli", ["-h", address, "-p", `${port}`, ...command.map(String)])).stdout.trim();
}

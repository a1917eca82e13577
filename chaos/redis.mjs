// A Redis, on a network with connections that can be cut.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { Process, run } from "./processes.mjs";

/** Writes are in the file before they are acknowledged, so a kill loses none. */
export const PERSISTENT = ['save ""', "appendonly yes", "appendfsync everysec", "repl-diskless-sync-delay 0"];

/** How long a node may be silent before the others consider it dead. */
export const SILENCE_MS = 1500;

export class Node {
  /**
   * @param {{address: string, port: number}} place its own loopback address
   * @param {string[]} settings lines of its configuration; a Sentinel updates the primary in it
   */
  constructor(network, name, { address, port }, settings) {
    Object.assign(this, { network, address, port });
    this.process = new Process(name, "redis-server", ["redis.conf"]);
    configure(join(this.process.cwd, "redis.conf"), { address, port }, settings);
  }

  /** Returns the nodes that consider themselves primaries. */
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

/** Writes the configuration of a Redis or a Sentinel. */
export function configure(file, { address, port }, settings) {
  const lines = [`bind ${address}`, `bind-source-addr ${address}`, `port ${port}`, ...settings];
  writeFileSync(file, `${lines.join("\n")}\n`);
}

/** Sends a command to a node and returns its answer. */
export async function say({ address, port }, ...command) {
  return (await run("redis-cli", ["-h", address, "-p", `${port}`, ...command.map(String)])).stdout.trim();
}

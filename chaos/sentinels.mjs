// Redis as one primary and two replicas with a Sentinel beside each of them, on a network with connections that can be
// cut. A fault of a host affects both of its processes.
import { join } from "node:path";

import { Network } from "./lines.mjs";
import { Process, ownPort, until } from "./processes.mjs";
import { Node, PERSISTENT, SILENCE_MS, configure, say } from "./redis.mjs";

const SERVICE = "shop";
const HOSTS = 3;
/** The number of Sentinels that have to agree that a primary is dead. */
const QUORUM = 2;
const FAILOVER_MS = 3000;

class Host extends Node {
  static async at(network, i, primary) {
    const [address, port, sentinelPort] = [`127.0.2.${i}`, await ownPort(), await ownPort()];
    const announced = await network.line(address, port);
    const settings = [...PERSISTENT, "replica-announce-ip 127.0.0.1", `replica-announce-port ${announced}`];
    if (primary) settings.push(`replicaof 127.0.0.1 ${primary.announced}`);
    const host = new Host(network, `redis-${i}`, { address, port }, settings);
    Object.assign(host, { announced, sentinel: { address, port: sentinelPort } });
    host.sentinel.announced = await network.line(address, sentinelPort);
    host.watcher = new Process(`sentinel-${i}`, "redis-server", ["sentinel.conf", "--sentinel"]);
    host.#configure((primary ?? host).announced);
    return host;
  }

  /** The Sentinel stores its state in this file. */
  #configure(primary) {
    configure(join(this.watcher.cwd, "sentinel.conf"), this.sentinel, [
      "sentinel announce-ip 127.0.0.1",
      `sentinel announce-port ${this.sentinel.announced}`,
      `sentinel monitor ${SERVICE} 127.0.0.1 ${primary} ${QUORUM}`,
      `sentinel down-after-milliseconds ${SERVICE} ${SILENCE_MS}`,
      `sentinel failover-timeout ${SERVICE} ${FAILOVER_MS}`,
    ]);
  }

  async kill() {
    await this.watcher.kill();
    await super.kill();
  }

  async restart() {
    this.watcher.start();
    await super.restart();
  }
}

export class Sentinels {
  static async start() {
    const redis = new Sentinels();
    const network = new Network();
    redis.nodes = [];
    for (let i = 1; i <= HOSTS; i++) {
      const host = await Host.at(network, i, redis.nodes[0]);
      host.process.start();
      redis.nodes.push(host);
    }
    await until("the replicas follow", async () => (await redis.#followers()) === HOSTS - 1);
    for (const host of redis.nodes) host.watcher.start();
    await until("the Sentinels know each other", () => redis.isWhole());
    return redis;
  }

  get processes() {
    return this.nodes.flatMap(({ process, watcher }) => [process, watcher]);
  }

  get url() {
    const addresses = this.nodes.map(({ sentinel }) => `127.0.0.1:${sentinel.announced}`);
    return `redis+sentinel://${addresses}/${SERVICE}`;
  }

  /** Returns true if there is one primary, both others replicate it, and all Sentinels know all nodes. */
  async isWhole() {
    const known = await Promise.all(this.nodes.map(({ sentinel }) => say(sentinel, "INFO", "sentinel")));
    const whole = `status=ok,address=127.0.0.1:${(await this.primary()).announced},slaves=${HOSTS - 1},sentinels=${HOSTS}`;
    return known.every((info) => info.includes(whole)) && (await this.#followers()) === HOSTS - 1;
  }

  async #followers() {
    const info = await (await this.primary()).say("INFO", "replication");
    return info.match(/state=online/g)?.length ?? 0;
  }

  async primary() {
    const primaries = await Node.primaries(this.nodes);
    if (primaries.length !== 1) throw new Error(`there are ${primaries.length} primaries`);
    return primaries[0];
  }
}

// Redis as a cluster of three primaries and three replicas, on a network with connections that can be cut.
import { Network } from "./lines.mjs";
import { ownPort, until } from "./processes.mjs";
import { Node, PERSISTENT, SILENCE_MS } from "./redis.mjs";

const SLOTS = [[0, 5460], [5461, 10_922], [10_923, 16_383]];

const settings = ({ bus, announced }) => [
  ...PERSISTENT,
  "cluster-enabled yes",
  `cluster-port ${bus}`,
  `cluster-node-timeout ${SILENCE_MS}`,
  "cluster-announce-ip 127.0.0.1",
  `cluster-announce-port ${announced.port}`,
  `cluster-announce-bus-port ${announced.bus}`,
];

export class Cluster {
  #strikes = 0;

  static async start() {
    const cluster = new Cluster();
    const network = new Network();
    cluster.nodes = [];
    for (let i = 1; i <= 6; i++) {
      const [address, port, bus] = [`127.0.1.${i}`, await ownPort(), await ownPort()];
      const announced = { port: await network.line(address, port), bus: await network.line(address, bus) };
      const node = new Node(network, `redis-${i}`, { address, port }, settings({ bus, announced }));
      node.process.start();
      cluster.nodes.push(Object.assign(node, { announced }));
    }
    await cluster.#meet();
    await until("the cluster is whole", () => cluster.isWhole());
    return cluster;
  }

  get processes() {
    return this.nodes.map(({ process }) => process);
  }

  get url() {
    return `redis+cluster://${this.nodes.slice(0, 3).map(({ announced }) => `127.0.0.1:${announced.port}`)}`;
  }

  async #meet() {
    const [first, ...others] = this.nodes;
    for (const node of this.nodes) await until("Redis starts", async () => (await node.say("PING")) === "PONG");
    for (const [i, slots] of SLOTS.entries()) await this.nodes[i].say("CLUSTER", "ADDSLOTSRANGE", ...slots);
    for (const { announced } of others) await first.say("CLUSTER", "MEET", "127.0.0.1", announced.port, announced.bus);
    for (const [i, replica] of this.nodes.slice(3).entries()) {
      const id = await this.nodes[i].say("CLUSTER", "MYID");
      await until("nodes know each other", async () => (await replica.say("CLUSTER", "REPLICATE", id)) === "OK");
    }
  }

  /** Returns true if all nodes agree that the cluster is healthy, and each primary has a connected replica. */
  async isWhole() {
    for (const node of this.nodes) {
      const [info, known, replication] = [
        await node.say("CLUSTER", "INFO"),
        await node.say("CLUSTER", "NODES"),
        await node.say("INFO", "replication"),
      ];
      const follows = /role:master/.test(replication)
        ? /slave0:.*state=online/.test(replication)
        : /master_link_status:up/.test(replication);
      if (!/cluster_state:ok/.test(info) || !/cluster_known_nodes:6/.test(info)) return false;
      if (/fail|handshake|noaddr/.test(known) || !follows) return false;
    }
    return true;
  }

  /** Returns a primary that has keys, a different one each time. */
  async primary() {
    const primaries = await Node.primaries(this.nodes);
    return primaries[this.#strikes++ % primaries.length];
  }
}

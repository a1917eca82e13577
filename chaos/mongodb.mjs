// MongoDB: a replica set of three.
import { createRequire } from "node:module";

import { atEnd } from "../benches/servers.mjs";
import { Process, ownPort, until } from "./processes.mjs";

const PRIMARY = 1;
const SECONDARY = 2;
/** Short enough for an election during a pause of five seconds. */
const settings = { electionTimeoutMillis: 3000, heartbeatIntervalMillis: 1000 };

const mongod = (port) => [
  ...["--quiet", "--replSet", "rs0", "--bind_ip", "127.0.0.1", "--port", `${port}`, "--nounixsocket"],
  ...["--dbpath", ".", "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "128"],
  ...["--setParameter", "diagnosticDataCollectionEnabled=false"],
];

export class ReplicaSet {
  #client;

  static async start() {
    const set = new ReplicaSet();
    set.members = [];
    for (let i = 1; i <= 3; i++) {
      const port = await ownPort();
      const process = new Process(`mongodb-${i}`, "mongod", mongod(port));
      process.start();
      set.members.push({ host: `127.0.0.1:${port}`, process });
    }
    await set.#initiate();
    await until("MongoDB is whole", () => set.isWhole());
    return set;
  }

  get uri() {
    return `mongodb://${this.members.map(({ host }) => host)}/chaos?replicaSet=rs0`;
  }

  async #initiate() {
    const { MongoClient } = createRequire(import.meta.url)(`${process.env.MONGODB_DRIVER}/node_modules/mongodb`);
    const members = this.members.map(({ host }, _id) => ({ _id, host }));
    const first = new MongoClient(`mongodb://${members[0].host}/?directConnection=true`);
    const replSetInitiate = { _id: "rs0", version: 1, members, settings };
    await until("MongoDB starts", () => first.db("admin").command({ replSetInitiate }));
    await first.close();
    this.#client = new MongoClient(this.uri, { serverSelectionTimeoutMS: 5000, socketTimeoutMS: 5000 });
    atEnd(() => this.#client.close(true));
  }

  #command(command) {
    return this.#client.db("admin").command(command);
  }

  async isWhole() {
    const states = (await this.#command({ replSetGetStatus: 1 })).members.map(({ state }) => state).sort();
    return states.join() === [PRIMARY, SECONDARY, SECONDARY].join();
  }

  /** Returns the process of the primary. */
  async primary() {
    const { me } = await this.#command({ hello: 1 });
    return this.members.find(({ host }) => host === me).process;
  }

  async stepDown() {
    await this.#command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 10 });
  }
}

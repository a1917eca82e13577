// The network between servers: each is reached through a proxy that can be cut. While it is cut, it holds back all
// data, as when packets are dropped, and delivers it once the connection is restored.
import { connect, createServer } from "node:net";

import { ownPort } from "./processes.mjs";

/** The source address of clients that are not servers of this network. */
const OUTSIDE = "127.0.0.1";

export class Network {
  /** The hosts that are cut off, and whether they are still reachable from outside. */
  #cut = new Map();
  #pairs = new Set();
  #doors = [];

  /** Returns a port on 127.0.0.1 that forwards to `port` of the host with this loopback address. */
  async line(address, port) {
    const door = { address, port: await ownPort(), server: undefined, to: { host: address, port } };
    this.#doors.push(door);
    await this.#open(door);
    return door.port;
  }

  /** Cuts all connections from and to this host, or with `outside` all except those from outside. */
  cut(address, { outside = false } = {}) {
    this.#cut.set(address, outside);
    for (const pair of this.#pairs) this.#settle(pair);
  }

  mend(address) {
    this.#cut.delete(address);
    for (const pair of this.#pairs) this.#settle(pair);
  }

  /** Refuses connections, as when the host's process has died. */
  async close(address) {
    const doors = this.#doors.filter((door) => door.address === address);
    const closed = doors.map((door) => new Promise((done) => door.server.close(done)));
    for (const pair of this.#pairs) if (pair.to === address) this.#end(pair);
    await Promise.all(closed);
  }

  async reopen(address) {
    await Promise.all(this.#doors.filter((door) => door.address === address).map((door) => this.#open(door)));
  }

  async #open(door) {
    door.server = createServer((near) => this.#connect(door, near));
    door.server.unref();
    await new Promise((listening, failed) => {
      door.server.once("error", failed).listen(door.port, "127.0.0.1", listening);
    });
  }

  #connect(door, near) {
    // Servers connect from the address that they listen on. All others count as outside.
    const pair = { from: near.remoteAddress, to: door.address, target: door.to, near, far: undefined, over: false };
    this.#pairs.add(pair);
    near.setNoDelay().pause();
    this.#follow(pair, near);
    this.#settle(pair);
  }

  #isCut({ from, to }) {
    return this.#cut.has(from) || this.#cut.get(to) === false || (this.#cut.has(to) && from !== OUTSIDE);
  }

  /** Applies the current state to the connection. */
  #settle(pair) {
    if (this.#isCut(pair)) {
      pair.near.pause();
      pair.far?.pause();
    } else if (pair.over) {
      this.#end(pair);
    } else {
      if (!pair.far) {
        pair.far = connect(pair.target).setNoDelay();
        this.#follow(pair, pair.far);
        this.#pass(pair, pair.near, pair.far);
        this.#pass(pair, pair.far, pair.near);
      }
      pair.near.resume();
      pair.far.resume();
    }
  }

  #pass(pair, from, to) {
    from.on("data", (bytes) => {
      if (!to.write(bytes)) from.pause();
    });
    to.on("drain", () => this.#isCut(pair) || from.resume());
    from.on("end", () => this.#isCut(pair) || to.end());
  }

  #follow(pair, socket) {
    socket.on("error", () => {});
    socket.on("close", () => {
      pair.over = true;
      this.#settle(pair);
    });
  }

  #end(pair) {
    this.#pairs.delete(pair);
    pair.near.destroySoon();
    pair.far?.destroySoon();
  }
}

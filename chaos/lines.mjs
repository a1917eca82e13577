// The network between servers: each is reached by a line that can be cut. A line
// that is cut loses nothing and says nothing, as when packets are dropped: what
// was sent comes through once it is mended.
import { connect, createServer } from "node:net";

import { ownPort } from "./processes.mjs";

/** From where everybody connects who is no server of this network. */
const OUTSIDE = "127.0.0.1";

export class Network {
  /** Of each host that is cut off: whether it still is reached from outside. */
  #cut = new Map();
  #pairs = new Set();
  #doors = [];

  /** A port on 127.0.0.1 by which `port` of the host with this loopback address is reached. */
  async line(address, port) {
    const door = { address, port: await ownPort(), server: undefined, to: { host: address, port } };
    this.#doors.push(door);
    await this.#open(door);
    return door.port;
  }

  /** Nothing comes from this host any more, nor to it; or nothing but what comes from `outside`. */
  cut(address, { outside = false } = {}) {
    this.#cut.set(address, outside);
    for (const pair of this.#pairs) this.#settle(pair);
  }

  mend(address) {
    this.#cut.delete(address);
    for (const pair of this.#pairs) this.#settle(pair);
  }

  /** As when its process died: who connects is refused. */
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
    // Servers connect from the address that they listen on; everybody else is nobody in particular.
    const pair = { from: near.remoteAddress, to: door.address, target: door.to, near, far: undefined, over: false };
    this.#pairs.add(pair);
    near.setNoDelay().pause();
    this.#follow(pair, near);
    this.#settle(pair);
  }

  #isCut({ from, to }) {
    return this.#cut.has(from) || this.#cut.get(to) === false || (this.#cut.has(to) && from !== OUTSIDE);
  }

  /** Does what the state of the line asks for. */
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

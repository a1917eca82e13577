// An hour of everything that visitors do, on both kinds of store: checks that the program's memory does not grow.
import { readFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { setTimeout } from "node:timers/promises";

import { median, note } from "./load.mjs";
import { residentMiB } from "./memory.mjs";
import { row } from "./row.mjs";
import { PASSWORD, USER_AGENT, doorstep, newPath, ownStores } from "./servers.mjs";

const MINUTE_MS = 60_000;
const VISITORS = 16;
/** The size of the program's caches (src/adapters/recall.rs). The memory may grow until they are full. */
const REMEMBERED = 10_000;
const SETTINGS = {
  // Hashing at its usual cost would leave little time for anything else.
  BCRYPT_COST: "4",
  RUST_LOG: "warn",
};

/** Does not keep the process alive. */
const sleep = (ms) => setTimeout(Math.max(0, ms), undefined, { ref: false });

/** A store did not answer in time, which may happen once an hour. Any other unexpected response fails the soak. */
class TurnedAway extends Error {}

/** A visitor's browser: a persistent connection and cookies. */
class Visitor {
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
  cookies = new Map();

  constructor(crowd) {
    this.crowd = crowd;
    this.number = crowd.visitors++;
  }

  async ask(status, method, path, body) {
    const headers = { "User-Agent": USER_AGENT, Accept: method === "GET" ? "text/html" : "application/json" };
    if (this.cookies.size) headers.Cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (body) headers["Content-Type"] = "application/json";
    const answer = await new Promise((done, failed) => {
      const request = httpRequest(this.crowd.url + path, { method, headers, agent: this.agent }, done);
      request.on("error", failed).end(body && JSON.stringify(body));
    });
    const content = Buffer.concat(await answer.toArray());
    this.crowd.answers++;
    if (answer.statusCode === 503) throw new TurnedAway(`${method} ${path}`);
    if (answer.statusCode !== status) throw new Error(`${method} ${path} answered ${answer.statusCode}: ${content}`);
    for (const cookie of answer.headers["set-cookie"] ?? []) {
      const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
      if (value) this.cookies.set(name, value);
      else this.cookies.delete(name);
    }
  }

  async signedIn() {
    await this.ask(200, "GET", "/account");
    await this.ask(200, "GET", "/api/auth/profile");
    await this.ask(200, "POST", "/api/auth/refresh-token");
    await this.ask(200, "GET", "/api/auth/profile");
    await this.ask(200, "GET", "/account/sessions");
    await this.ask(200, "GET", "/account/activity");
    await this.ask(200, "POST", "/api/auth/logout");
  }

  /** Everything that a visitor does, from the first page to the last. */
  async visit() {
    const account = { email: `visitor${this.number}@example.com`, password: PASSWORD };
    await this.ask(200, "GET", "/");
    await this.ask(200, "GET", "/signup");
    await this.ask(201, "POST", "/api/auth/signup", { name: "A Visitor", ...account });
    await this.signedIn();
    await this.ask(200, "GET", "/login?next=/account");
    await this.ask(401, "POST", "/api/auth/login", { ...account, password: "nine tall herons" });
    await this.ask(200, "POST", "/api/auth/login", account);
    await this.signedIn();
    await this.ask(404, "GET", "/nowhere");
  }
}

const lastLine = (file) => readFileSync(file, "utf8").trimEnd().split("\n").at(-1);

/** Runs visits for as long as they are `wanted`. */
async function visits(crowd) {
  const one = async () => {
    while (crowd.wanted) {
      const visitor = new Visitor(crowd);
      try {
        await visitor.visit();
      } catch (error) {
        if (!(error instanceof TurnedAway)) throw error;
        if (crowd.turnedAway++ === 0) note(`  ${crowd.name}: 503 to ${error.message}; ${lastLine(crowd.log)}`);
      }
      visitor.agent.destroy();
    }
  };
  await Promise.all(Array.from({ length: VISITORS }, one));
}

/** Measures the memory of a process for ten seconds, and returns the median. */
async function usualMiB(server) {
  const seen = [];
  for (let i = 0; i < 20; i++) {
    seen.push(residentMiB(server));
    await sleep(500);
  }
  return median(seen);
}

/** Measures the memory after `first` minutes, once the caches are full, and around the `last` minute. */
async function watch(crowd, first, last) {
  const tell = (text) => note(`  ${crowd.name}, ${crowd.visitors} visitors, ${crowd.answers} answers: ${text}`);
  await sleep(first * MINUTE_MS);
  while (crowd.visitors < REMEMBERED && crowd.wanted) await sleep(100);
  const began = Date.now();
  const early = await usualMiB(crowd);
  tell(`${early.toFixed(1)} MiB`);
  for (let tenth = 1; tenth < 10; tenth++) {
    await sleep(began + ((last - first) * MINUTE_MS * tenth) / 10 - Date.now());
    tell(`${residentMiB(crowd).toFixed(1)} MiB`);
  }
  await sleep(began + (last - first) * MINUTE_MS - Date.now());
  const late = await usualMiB(crowd);
  tell(`${late.toFixed(1)} MiB at the end`);
  return { early, late };
}

export async function soak(effort) {
  const [first, last] = effort.rounds > 1 ? [5, 60] : [1, 4];
  const servers = [
    await doorstep("embedded", { DATA_DIR: newPath("data"), ...SETTINGS }),
    await doorstep("MongoDB + Redis", { ...(await ownStores("soak")), ...SETTINGS }),
  ];
  const crowds = servers.map((server) => ({ ...server, visitors: 0, answers: 0, turnedAway: 0, wanted: true }));
  const visiting = Promise.all(crowds.map(visits));
  // Continues until all are measured, so that the load stays constant to the end.
  const watching = Promise.all(crowds.map((crowd) => watch(crowd, first, last)));
  const watched = await Promise.race([watching, visiting]).finally(() => {
    for (const crowd of crowds) crowd.wanted = false;
  });
  await visiting;
  for (const server of servers) await server.stop();
  return crowds.flatMap(({ name, turnedAway }, i) => {
    const { early, late } = watched[i];
    return [
      row(`memory after ${last} minutes ÷ after ${first}, ${name}`, late / early, { unit: "×", limit: 1.1 }),
      row("… at the end", late, { unit: "MiB" }),
      row("… visitors turned away", turnedAway, { unit: "visitors", limit: 0 }),
    ];
  });
}

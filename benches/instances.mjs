// Compares two instances of the program on one MongoDB and one Redis with a single
// instance under the same load: the throughput, and the use of the cores.
import { readFileSync, writeFileSync } from "node:fs";

import { CORES, compare, note, refreshing, together, under } from "./load.mjs";
import { loginsOf, profileOf } from "./requests.mjs";
import { row } from "./row.mjs";
import { CUSTOMERS, doorstep, newPath, ownStores, services, withCustomers } from "./servers.mjs";

const CONNECTIONS = 32;

/** Returns the server with each half of the browsers. */
function halves(server) {
  const lines = readFileSync(server.browsers, "utf8").trimEnd().split("\n");
  const half = lines.length / 2;
  return [lines.slice(0, half), lines.slice(half)].map((browsers) => {
    const file = newPath("browsers");
    writeFileSync(file, browsers.map((line) => `${line}\n`).join(""));
    return { ...server, browsers: file };
  });
}

/** Reports how many cores each process uses. */
function tellOfCores(name, { rate, micros }, processes) {
  const cores = processes.map((who) => [who, (micros(who) * rate) / 1e6]);
  const each = cores.map(([who, busy]) => `${who} ${busy.toFixed(2)}`);
  const sum = cores.reduce((all, [, busy]) => all + busy, 0);
  note(`  ${name}: ${each.join(", ")}; in all ${sum.toFixed(2)} of ${CORES} cores`);
  return sum;
}

export async function instances(effort) {
  const { pids } = await services();
  // Both have the same public URL, since each rejects tokens of other issuers.
  const shop = { ...(await ownStores("instances")), PUBLIC_URL: "http://localhost:5000" };
  const first = { ...(await doorstep("first", shop)), stores: pids };
  const second = { ...(await doorstep("second", shop)), stores: pids };
  const [left, right] = halves(await withCustomers(first));
  const elsewhere = { ...right, name: second.name, url: second.url, pid: second.pid };

  const halfOf = (request) => (server) => under(server, { ...request(server), connections: CONNECTIONS / 2 });
  const rows = [];
  for (const [name, half, longer] of [
    ["profile", halfOf(profileOf), 1],
    ["refresh", refreshing, 1],
    ["login", (server) => under(server, { ...loginsOf(server), connections: CUSTOMERS / 2 }), 2],
  ]) {
    const [one, two] = await compare(
      { ...effort, seconds: longer * effort.seconds },
      together(`one, ${name}`, [half(left), half(right)]),
      together(`two, ${name}`, [half(left), half(elsewhere)]),
    );
    const servers = ["mongod", "redis", "load"];
    const busy = tellOfCores(`${name}, one`, one, ["first", ...servers]);
    tellOfCores(`${name}, two`, two, ["first", "second", ...servers]);
    rows.push(
      row(`${name}, two instances ÷ one`, two.rate / one.rate),
      row(`… what one and all that it needs keep busy, of ${CORES}`, busy, { unit: "cores" }),
    );
  }
  return rows;
}

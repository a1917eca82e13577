// The cost of idle connections.
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { load, note } from "./load.mjs";
import { residentMiB } from "./memory.mjs";
import { page } from "./requests.mjs";
import { row } from "./row.mjs";
import { USER_AGENT, atEnd, doorstep, expect, newPath } from "./servers.mjs";

const CONNECTIONS = 10_000;
/** The number of connections opened at once. The system's accept queue is longer. */
const AT_ONCE = 100;
/** One address has only 28,000 ports, some of which may be in use. */
const ADDRESSES = 4;
const SETTLED_MS = 3000;

/** Opens a connection, requests one page, and keeps the connection open. */
function open(url, address) {
  const { hostname, port, host } = new URL(url);
  const lines = [`GET ${page.path} HTTP/1.1`, `Host: ${host}`, `User-Agent: ${USER_AGENT}`, "Accept: text/html", "", ""];
  return new Promise((done, failed) => {
    const socket = connect({ host: hostname, port, localAddress: address });
    let left;
    const take = (bytes) => {
      if (left === undefined) {
        const text = bytes.toString("latin1");
        const [, status] = text.match(/^HTTP\/1\.1 (\d+)/) ?? [];
        const [, length] = text.match(/\r\ncontent-length: (\d+)\r\n/i) ?? [];
        if (status !== "200" || !length) return failed(new Error(`not a page: ${text.slice(0, 200)}`));
        left = Number(length) + text.indexOf("\r\n\r\n") + 4;
      }
      left -= bytes.length;
      if (left === 0) done(socket);
    };
    socket.once("connect", () => socket.write(lines.join("\r\n")));
    socket.on("data", take).on("error", failed).once("close", () => failed(new Error("it was closed")));
  });
}

/** Opens the configured number of idle connections. */
async function openAll(url) {
  const sockets = [];
  for (let i = 0; i < CONNECTIONS; i += AT_ONCE) {
    const some = Array.from({ length: AT_ONCE }, (_, j) => open(url, `127.0.0.${2 + ((i + j) % ADDRESSES)}`));
    sockets.push(...(await Promise.all(some)));
  }
  return sockets;
}

/** Measures the server's memory with open and with closed connections, and the response time for a new client. */
async function crowd(server) {
  const before = residentMiB(server);
  const sockets = await openAll(server.url);
  atEnd(() => sockets.forEach((socket) => socket.destroy()));
  await sleep(SETTLED_MS);
  const during = residentMiB(server);
  const asked = performance.now();
  await expect(200, server.url + page.path);
  const answered = performance.now() - asked;
  const kept = sockets.filter(({ readyState }) => readyState === "open").length;
  if (kept < CONNECTIONS) throw new Error(`only ${kept} of ${CONNECTIONS} connections stayed open`);
  for (const socket of sockets) socket.destroy();
  // These requests make the allocator return free memory.
  await load(server, { ...page, seconds: 2 });
  await sleep(SETTLED_MS);
  const after = residentMiB(server);
  note(`  before ${before.toFixed(1)}, open ${during.toFixed(1)}, closed ${after.toFixed(1)} MiB`);
  return { before, during, after, answered };
}

export async function idle() {
  const server = await doorstep("doorstep", { DATA_DIR: newPath("data") });
  // Memory that any server has after some use.
  await load(server, { ...page, seconds: 2 });
  await sleep(SETTLED_MS);
  const first = await crowd(server);
  const again = await crowd(server);
  await server.stop();
  const each = ({ before, during }) => ((during - before) * 1024) / CONNECTIONS;
  return [
    row(`memory of an idle connection, of ${CONNECTIONS}`, each(first), { unit: "KiB", limit: 12 }),
    row("a new connection's page meanwhile", first.answered, { unit: "ms" }),
    row("memory that stays when they are closed and others come", first.after - first.before, { unit: "MiB" }),
    row("… when as many were there again", again.after - first.before, { unit: "MiB" }),
  ];
}

// main.mjs [--short] [--sentinels] [--from PROGRAM] [FAULT…]: applies faults while customers use two instances, and
// prints the results. Reports progress on stderr. Called by script/chaos, which installs everything first.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { endAll } from "../benches/servers.mjs";
import { check } from "./checks.mjs";
import { Balancer } from "./client.mjs";
import { Cluster } from "./cluster.mjs";
import { FAULTS, UPGRADE } from "./faults.mjs";
import { startInstances } from "./instances.mjs";
import { Ledger } from "./ledger.mjs";
import { Load } from "./load.mjs";
import { ReplicaSet } from "./mongodb.mjs";
import { deserters, until } from "./processes.mjs";
import { recovery } from "./recovery.mjs";
import { Sentinels } from "./sentinels.mjs";
import { print } from "./table.mjs";
import { Tally } from "./tally.mjs";

/** The results of the last run: the ledger, and the servers' output. */
const LEFT = resolve(import.meta.dirname, "../target/chaos");
const FULL = { rounds: 2, before: 3000, after: 3000 };
const SHORT = { rounds: 1, before: 1000, after: 1000 };

/** If this process itself waits this long for a processor, the servers do as well, and cannot answer in time. */
const STARVED_MS = 300;
const ATTEMPTS = 3;

const note = (text) => process.stderr.write(`${text}\n`);

/** Returns the faults of this run in order. */
function planned(names, { short, from }, rounds) {
  const unknown = names.filter((name) => !Object.hasOwn(FAULTS, name));
  if (unknown.length) throw new Error(`no fault is called ${unknown.join(" or ")}: ${Object.keys(FAULTS).join(", ")}`);
  const all = names.length ? names : Object.keys(FAULTS).filter((name) => !short || !FAULTS[name].slow);
  const impossible = all.filter((name) => FAULTS[name].isPossible?.({ from }) === false);
  for (const name of impossible) note(`${name} is left out: it needs ${FAULTS[name].needs}`);
  const each = all.filter((name) => !impossible.includes(name) && name !== UPGRADE);
  return [...(from ? [UPGRADE] : []), ...Array(rounds).fill(each).flat()];
}

async function startWorld({ from, sentinels }) {
  note("starting MongoDB, Redis and two instances");
  const [mongodb, redis] = await Promise.all([ReplicaSet.start(), (sentinels ? Sentinels : Cluster).start()]);
  const instances = await startInstances(mongodb, redis, from && resolve(from));
  rmSync(LEFT, { recursive: true, force: true });
  mkdirSync(LEFT, { recursive: true });
  const ledger = new Ledger(join(LEFT, "ledger.jsonl"));
  const shop = { instances, balancer: new Balancer(instances), ledger, tally: new Tally("start"), clockIsOff: false };
  return { mongodb, redis, instances, shop };
}

/** Applies one fault to healthy servers, and waits until they are healthy again. */
async function suffer(world, load, act, { before, after }) {
  const { tally } = world.shop;
  load.go();
  await sleep(before);
  tally.recovery = await recovery(world.shop, () => act(world));
  if (tally.recovery === undefined) tally.surprise("it does not recover");
  await sleep(after);
  await load.rest();
  await check(world.shop);
  for (const text of deserters.splice(0)) tally.surprise(text);
  // The next fault needs a replica that can take over.
  await until("the servers are whole again", async () => (await world.mongodb.isWhole()) && world.redis.isWhole());
}

/** Every request has to succeed meanwhile, so the fault is repeated if the machine was overloaded. */
async function sufferUnstarved(begin, world, load, name, effort) {
  const waits = monitorEventLoopDelay({ resolution: 20 });
  for (let left = ATTEMPTS - 1; ; left--) {
    const tally = begin(name, true);
    waits.reset();
    waits.enable();
    await suffer(world, load, FAULTS[name].act, effort);
    waits.disable();
    const longest = Math.round(waits.max / 1e6);
    if (tally.survived || !tally.isOnlyLate || longest < STARVED_MS || left === 0) return tally;
    note(`  once more: something else keeps the machine busy, for ${longest} ms nothing else was done`);
  }
}

async function finish(world) {
  await check(world.shop, { all: true });
  for (const line of world.instances.flatMap((instance) => instance.panics())) world.shop.tally.surprise(line);
}

async function main() {
  const options = { short: { type: "boolean" }, sentinels: { type: "boolean" }, from: { type: "string" } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const effort = values.short ? SHORT : FULL;
  const faults = planned(positionals, values, effort.rounds);
  const world = await startWorld(values);
  const tallies = [];
  const begin = (name, strict) => {
    note(name);
    world.shop.tally = new Tally(name, strict);
    return world.shop.tally;
  };
  const load = new Load(world.shop);
  try {
    for (const name of faults) {
      if (FAULTS[name].strict) {
        tallies.push(await sufferUnstarved(begin, world, load, name, effort));
      } else {
        tallies.push(begin(name));
        await suffer(world, load, FAULTS[name].act, effort);
      }
    }
    await load.end();
    tallies.push(begin("at the end, all"));
    await finish(world);
  } catch (error) {
    const { tally } = world.shop;
    if (!tallies.includes(tally)) tallies.push(tally);
    tally.surprise(error.stack);
  } finally {
    keepLogs(world);
    print(tallies);
  }
  if (!tallies.every(({ survived }) => survived)) process.exitCode = 1;
}

function keepLogs({ mongodb, redis, instances }) {
  const processes = [...mongodb.members, ...instances].map(({ process }) => process).concat(redis.processes);
  for (const { log, name } of processes) copyFileSync(log, join(LEFT, `${name}.log`));
  note(`the ledger and the servers' logs are in ${LEFT}`);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => endAll().finally(() => process.exit(130)));
}
main()
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(endAll)
  .finally(() => process.exit());

// What goes wrong: each fault is done to a world, and returns once what caused it is over.
import { setTimeout as sleep } from "node:timers/promises";

import { atEnd } from "../benches/servers.mjs";
import { ownClock } from "./instances.mjs";

const PAUSE_MS = 5000;
/** Long enough for another to have taken the place of one that is gone. */
const GONE_MS = 4000;
/** How long two versions of the program serve the same customers. */
const SIDE_BY_SIDE_MS = 3000;

async function killed(server) {
  await server.kill();
  await sleep(GONE_MS);
  await server.start();
}

async function paused(process) {
  process.pause();
  await sleep(PAUSE_MS);
  process.resume();
}

async function cutOff(server, options) {
  server.cut(options);
  await sleep(PAUSE_MS);
  server.mend();
}

async function roll(instance) {
  const code = await instance.process.stop();
  if (code !== 0) throw new Error(`${instance.name} ended with ${code} when it was told to`);
  await instance.start();
}

/** What happens once, before everything else, where the instances are of the version before. */
export const UPGRADE = "instances-upgraded";

/**
 * Of each: whether every request has to be answered meanwhile (`strict`), whether it is left out of a short run
 * (`slow`), what it needs, and what it does.
 */
export const FAULTS = {
  calm: { strict: true, act: () => sleep(3000) },
  "mongodb-killed": { act: async ({ mongodb }) => killed(await mongodb.primary()) },
  "mongodb-stepped-down": { act: ({ mongodb }) => mongodb.stepDown() },
  "mongodb-paused": { act: async ({ mongodb }) => paused(await mongodb.primary()) },
  "redis-killed": {
    async act({ redis }) {
      const primary = await redis.primary();
      await primary.kill();
      await sleep(GONE_MS);
      await primary.restart();
    },
  },
  // It is back before another has its place, with what is in its file.
  "redis-restarted": {
    slow: true,
    async act({ redis }) {
      const primary = await redis.primary();
      await primary.kill();
      await primary.restart();
    },
  },
  // As for maintenance: it is told to end, and hands on first what it has.
  "redis-stopped": {
    slow: true,
    async act({ redis }) {
      const { process } = await redis.primary();
      await process.stop();
      await sleep(GONE_MS);
      process.start();
    },
  },
  "redis-paused": { act: async ({ redis }) => paused((await redis.primary()).process) },
  "redis-cut-off": { slow: true, act: async ({ redis }) => cutOff(await redis.primary()) },
  // The instances reach it, the other servers do not: whatever it takes then, no other has.
  "redis-split": { act: async ({ redis }) => cutOff(await redis.primary(), { outside: true }) },
  "instance-killed": {
    async act({ instances }) {
      await instances[0].process.kill();
      await sleep(1000);
      await instances[0].start();
    },
  },
  "instances-rolled": {
    strict: true,
    async act({ instances }) {
      for (const instance of instances) await roll(instance);
    },
  },
  [UPGRADE]: {
    strict: true,
    isPossible: ({ from }) => from !== undefined,
    needs: "the version before, --from PROGRAM",
    async act({ instances }) {
      for (const instance of instances) {
        instance.upgrade();
        await roll(instance);
        await sleep(SIDE_BY_SIDE_MS);
      }
    },
  },
  // The program sees it jump while it runs; it gets a clock that can, and loses it, by being rolled.
  "clock-jumps": {
    slow: true,
    isPossible: () => ownClock() !== undefined,
    needs: "Debian's libfaketime",
    async act({ instances, shop }) {
      const [, instance] = instances;
      const clock = ownClock();
      await instance.process.stop();
      await instance.start(clock.env);
      const { pid } = instance.process;
      atEnd(() => clock.sweep(pid));
      shop.clockIsOff = true;
      clock.set("+1h");
      await sleep(8000);
      clock.set("+0");
      // It looks once a second.
      await sleep(2000);
      shop.clockIsOff = false;
      await instance.process.stop();
      await instance.start();
    },
  },
};

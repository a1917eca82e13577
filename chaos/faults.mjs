// The faults. Each is applied to a world, and returns once its cause is removed.
import { setTimeout as sleep } from "node:timers/promises";

import { atEnd } from "../benches/servers.mjs";
import { ownClock } from "./instances.mjs";

const PAUSE_MS = 5000;
/** Long enough for a replica to take over from a missing primary. */
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

/** Runs first and once, if the instances have the previous version. */
export const UPGRADE = "instances-upgraded";

/**
 * For each fault: whether every request must succeed meanwhile (`strict`), whether a short run skips it (`slow`), its
 * requirements, and its action.
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
  // It is back, with the data of its file, before a replica takes over.
  "redis-restarted": {
    slow: true,
    async act({ redis }) {
      const primary = await redis.primary();
      await primary.kill();
      await primary.restart();
    },
  },
  // A planned shutdown: it replicates its remaining writes before it exits.
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
  // The instances reach it, but the other servers do not: they never receive what it accepts meanwhile.
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
  // The clock jumps while the program runs. Rolling restarts give the program the adjustable clock and remove it again.
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
      // The clock is checked every second.
      await sleep(2000);
      shop.clockIsOff = false;
      await instance.process.stop();
      await instance.start();
    },
  },
};

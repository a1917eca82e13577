// Generates load and measures it. The load generator, the servers and their stores share the machine's cores. Runs to
// be compared alternate, and a run that another process disturbs is repeated.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { BASELINE } from "./servers.mjs";

const run = promisify(execFile);
const TICKS = 100; // per second in /proc, on every Linux
const DISTURBED = 0.05; // of all cores
const ATTEMPTS = 4;
export const CORES = availableParallelism();

export const note = (text) => process.stderr.write(`${text}\n`);

export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

// --- Processor time --------------------------------------------------------------

/** Returns the fields of a process's stat from the third on. The name before them may contain any character. */
const stat = (pid) => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ").map(Number);

/** Returns the processor seconds so far: of these processes, of finished load generators, and of the whole machine. */
function processorTime(pids) {
  const [, user, nice, system] = readFileSync("/proc/stat", "utf8").split("\n")[0].split(/ +/).map(Number);
  const times = { everything: (user + nice + system) / TICKS };
  for (const [name, pid] of Object.entries(pids)) {
    const [utime, stime] = stat(pid).slice(11, 13);
    times[name] = (utime + stime) / TICKS;
  }
  const [utime, stime, ended, endedSystem] = stat("self").slice(11, 15);
  times.load = (ended + endedSystem) / TICKS;
  times.us = (utime + stime) / TICKS;
  return times;
}

/** Waits until the machine is idle, unless BENCH_ANYWAY is set. */
export async function awaitQuiet() {
  if (process.env.BENCH_ANYWAY) return;
  for (let waited = 0; ; waited++) {
    const before = processorTime({}).everything;
    await sleep(500);
    if ((processorTime({}).everything - before) / 0.5 < 2 * DISTURBED * CORES) return;
    if (waited === 0) note("  waiting: something else keeps the machine busy");
  }
}

/**
 * Runs `work`, and repeats it if other processes used too much of the machine meanwhile. `pids` are the processes under
 * test, by name. Returns the result and the processor seconds of each process.
 */
async function undisturbed(pids, work) {
  for (let attempt = 1; ; attempt++) {
    await awaitQuiet();
    const began = performance.now();
    const before = processorTime(pids);
    const result = await work();
    const after = processorTime(pids);
    const used = Object.fromEntries(Object.keys(before).map((name) => [name, after[name] - before[name]]));
    const { everything, us, ...known } = used;
    const others = everything - us - Object.values(known).reduce((sum, seconds) => sum + seconds, 0);
    const share = others / ((performance.now() - began) / 1000) / CORES;
    if (share < DISTURBED || process.env.BENCH_ANYWAY) return { result, used: known };
    note(`  disturbed: others used ${Math.round(share * 100)} % of the machine`);
    if (attempt === ATTEMPTS) return { result, used: known };
  }
}

// --- Load ------------------------------------------------------------------------

/**
 * Keeps `connections` busy for `seconds`. `bodies` is a file with one body per line, to be posted. `perSecond` limits
 * the rate. Every response must be a 200.
 */
export async function load(server, { path, headers = {}, bodies, connections = 32, perSecond, seconds }) {
  const args = ["--no-tui", "--no-color", "--output-format", "json", "--disable-compression"];
  args.push("-z", `${seconds}s`, "--wait-ongoing-requests-after-deadline", "-c", `${connections}`);
  for (const [name, value] of Object.entries(headers)) args.push("-H", `${name}: ${value}`);
  if (bodies) args.push("-m", "POST", "-T", "application/json", "-Z", bodies);
  if (perSecond) args.push("-q", `${perSecond}`, "--latency-correction");
  const { stdout } = await run("oha", [...args, server.url + path], { maxBuffer: 1 << 26 });
  const report = JSON.parse(stdout);
  const { 200: good, ...bad } = report.statusCodeDistribution;
  const faults = { ...bad, ...report.errorDistribution };
  if (!good || Object.keys(faults).length) {
    throw new Error(`${server.name}${path}: ${good ?? 0} good answers, and ${JSON.stringify(faults)}`);
  }
  return { answers: good, rate: good / report.summary.total, p99: report.latencyPercentiles.p99 };
}

/** Returns `load` as a contestant, which reports each run in one line on stderr. */
export const under = (server, request) => ({
  name: server.name,
  pids: { [server.name]: server.pid, ...server.stores },
  warmUp: () => load(server, { ...request, seconds: 1 }),
  work: (seconds) => load(server, { ...request, seconds }),
});

/** Refreshes the session of each of the server's `browsers` repeatedly. Every response must set new cookies. */
export const refreshing = (server) => {
  const work = async (seconds) => {
    const { host } = new URL(server.url);
    const args = ["refresh", host, "/api/auth/refresh-token", server.browsers, `${seconds}`];
    const [rate, answers, p99] = (await run(BASELINE, args)).stdout.split(" ").map(Number);
    return { answers, rate, p99 };
  };
  const pids = { [server.name]: server.pid, ...server.stores };
  return { name: `${server.name}, refreshes`, pids, warmUp: () => work(1), work };
};

/**
 * Each connection takes the next line of a file, repeatedly: cookies for a GET, or bodies to be posted, in which % is
 * replaced by a different number each time.
 */
export const inTurns = (server, { method = "GET", path, file, connections = 32 }) => {
  const work = async (seconds) => {
    const args = ["turns", new URL(server.url).host, method, path, file, `${connections}`, `${seconds}`];
    const [rate, answers, p99] = (await run(BASELINE, args)).stdout.split(" ").map(Number);
    return { answers, rate, p99 };
  };
  const pids = { [server.name]: server.pid, ...server.stores };
  return { name: `${server.name}, ${path}`, pids, warmUp: () => work(1), work };
};

/** Runs the contestants at the same time, as one contestant. */
export const together = (name, contestants) => ({
  name,
  pids: Object.assign({}, ...contestants.map(({ pids }) => pids)),
  warmUp: () => Promise.all(contestants.map(({ warmUp }) => warmUp())),
  async work(seconds) {
    const results = await Promise.all(contestants.map(({ work }) => work(seconds)));
    const sum = (of) => results.reduce((all, result) => all + of(result), 0);
    const p99 = Math.max(...results.map((result) => result.p99));
    return { answers: sum(({ answers }) => answers), rate: sum(({ rate }) => rate), p99 };
  },
});

function tell(name, { rate, p99, micros }) {
  const each = Object.entries(micros).map(([who, time]) => `${who} ${time.toFixed(0)}`);
  const latency = p99 === undefined ? "" : `, p99 ${(p99 * 1000).toFixed(1)} ms`;
  note(`  ${name}: ${rate.toFixed(rate < 1000 ? 1 : 0)}/s${latency}, processor µs each: ${each.join(", ")}`);
}

/** Runs contestants in turns. Returns the median rate of each, and the processor time by process in µs per response. */
export async function compare({ rounds, seconds }, ...contestants) {
  for (const { warmUp } of contestants) await warmUp?.();
  const runs = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { name, pids = {}, work }] of contestants.entries()) {
      const { result, used } = await undisturbed(pids, () => work(seconds));
      const micros = Object.fromEntries(Object.entries(used).map(([who, s]) => [who, (s / result.answers) * 1e6]));
      runs[i].push({ ...result, micros });
      tell(name, runs[i].at(-1));
    }
  }
  return runs.map((ofOne) => ({
    rate: median(ofOne.map(({ rate }) => rate)),
    micros: (who) => median(ofOne.map(({ micros }) => micros[who])),
  }));
}

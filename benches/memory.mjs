// The private memory of a process.
import { readFileSync } from "node:fs";

export function residentMiB({ pid }) {
  return Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+) kB/)[1]) / 1024;
}

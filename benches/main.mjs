// main.mjs [--lighthouse] [--quick] [--strict] [FIGURE…]: measures, and prints a
// table. Reports progress on stderr. Without names, measures all figures except the
// long ones. With --strict, exits with 1 if any misses its limit. Called by
// script/bench, which installs everything first.
import { parseArgs } from "node:util";

import { FIGURES, LONG, ON_A_PHONE } from "./figures.mjs";
import { endAll } from "./servers.mjs";

const QUICK = { rounds: 1, seconds: 2 };
const THOROUGH = { rounds: 3, seconds: 5 };
const SHORT = "short";
const HEAD = ["figure", "measured", "limit", "goal", ""];

function number(value, unit) {
  if (value === undefined) return "–";
  return `${value.toPrecision(value < 100 ? 2 : 3)}${unit && ` ${unit}`}`;
}

function verdict({ measured, unit, limit, goal }) {
  const reaches = (bound) => (unit ? measured <= bound : measured >= bound);
  if (limit === undefined) return "";
  if (!reaches(limit)) return SHORT;
  return goal === undefined || reaches(goal) ? "ok" : "ok, short of the goal";
}

function print(rows) {
  const table = rows.map((row) => {
    const { figure, measured, unit, limit, goal } = row;
    const exact = `${measured.toFixed(measured < 10 ? 2 : 1)}${unit && ` ${unit}`}`;
    return [figure, exact, number(limit, unit), number(goal, unit), verdict(row)];
  });
  const lines = [HEAD, ...table];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  for (const cells of lines) console.log(cells.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd());
}

async function main() {
  const flag = { type: "boolean" };
  const options = { quick: flag, lighthouse: flag, strict: flag };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const usual = values.lighthouse ? ON_A_PHONE : FIGURES;
  const figures = values.lighthouse ? usual : { ...usual, ...LONG };
  const chosen = positionals.length ? positionals : Object.keys(usual);
  const unknown = chosen.filter((name) => !Object.hasOwn(figures, name));
  if (unknown.length) throw new Error(`no figure is called ${unknown.join(" or ")}: ${Object.keys(figures).join(", ")}`);
  const rows = [];
  for (const name of chosen) {
    process.stderr.write(`${name}\n`);
    rows.push(...(await figures[name](values.quick ? QUICK : THOROUGH)));
  }
  print(rows);
  if (values.strict && rows.some((row) => verdict(row) === SHORT)) process.exitCode = 1;
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => endAll().finally(() => process.exit(130)));
}
main()
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  })
  .finally(endAll);

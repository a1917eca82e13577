// node script/recipes.mjs FOLDER: applies the recipes of CONTRIBUTING.md to the copy of the repository in FOLDER. A recipe's
// block of code has a comment before it, which says what to do with the block:
//
//   <!-- new PATH -->                   it is a new file
//   <!-- edit PATH after "TEXT" -->     it follows the first line that contains TEXT (also: before, replace)
//   <!-- run -->                        it is a command

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const text = readFileSync(join(folder, "CONTRIBUTING.md"), "utf8");
const recipe = /<!-- (new|edit|run) ?(\S*?)(?: (after|before|replace) "([^\n]*)")? -->\n```\w+\n(.*?)```\n/gs;

/** Returns the lines of a file with the block at the place that the recipe names. */
function edited(content, place, needle, block) {
  const lines = content.split("\n");
  const at = lines.findIndex((line) => line.includes(needle));
  if (at < 0) throw new Error(`no line contains: ${needle}`);
  const [start, removed] = { after: [at + 1, 0], before: [at, 0], replace: [at, 1] }[place];
  lines.splice(start, removed, ...block.replace(/\n$/, "").split("\n"));
  return lines.join("\n");
}

let applied = 0;
for (const [, action, path, place, needle, block] of text.matchAll(recipe)) {
  const file = join(folder, path);
  if (action === "run") execFileSync("bash", ["-ec", block], { cwd: folder });
  else if (action === "new") writeFileSync(file, block, { flag: "wx" });
  else writeFileSync(file, edited(readFileSync(file, "utf8"), place, needle, block));
  applied += 1;
}
const marks = text.match(/^<!-- /gm)?.length ?? 0;
if (applied !== marks) throw new Error(`${marks} recipes, of which ${applied} can be read`);
console.log(`${applied} blocks applied`);

// node build.mjs FILE: builds public/zxcvbn.js, which public/password.js loads where a password is chosen.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { adjacencyGraphs, dictionary as common } from "@zxcvbn-ts/language-common";
import { dictionary as english } from "@zxcvbn-ts/language-en";
import { dictionary as indonesian } from "@zxcvbn-ts/language-id";
import { build } from "esbuild";

const LISTS = { ...common, ...english, ...indonesian };

/** The number of words of each list, from its top. The file is in the program three times, so it has to be small. */
const LIMITS = {
  "passwords-common": 15_000,
  "commonWords-en": 5_000,
  "commonWords-id": 5_000,
  "firstnames-en": Infinity,
  "names-id": Infinity,
  "lastnames-en": 1_000,
  "wikipedia-id": 1_000,
};

const top = (name) => LISTS[name].slice(0, LIMITS[name]);

/** The best rank of each word in any list. */
const ranks = new Map();
for (const name of Object.keys(LIMITS)) {
  top(name).forEach((word, rank) => ranks.set(word, Math.min(rank, ranks.get(word) ?? rank)));
}

/** Returns a list without words that rank higher in another list, and without words that are guessed sooner by brute
    force. */
function trimmed(name) {
  const words = top(name).filter((word, rank) => {
    const counts = rank === ranks.get(word) && rank < 10 ** word.length;
    return counts && ranks.delete(word);
  });
  return [name, words.join(" ")];
}

/** Short lists that people recite: the days, the months, the numbers. */
const sequences = Object.entries(LISTS).filter(([, list]) => list.length < 100);

const notice = (path) => readFile(new URL(`node_modules/${path}`, import.meta.url), "utf8");
const notices = await Promise.all([
  "zxcvbn-ts:\n\n",
  notice("@zxcvbn-ts/core/LICENSE.txt"),
  notice("@zxcvbn-ts/language-en/NOTICE.md"),
  "fastest-levenshtein:\n\n",
  notice("fastest-levenshtein/LICENSE.md"),
]);

await build({
  entryPoints: [fileURLToPath(new URL("entry.mjs", import.meta.url))],
  outfile: process.argv[2],
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  minify: true,
  legalComments: "eof",
  define: {
    WORDS: JSON.stringify(Object.fromEntries(Object.keys(LIMITS).map(trimmed))),
    SEQUENCES: JSON.stringify(Object.fromEntries(sequences)),
    GRAPHS: JSON.stringify(adjacencyGraphs),
  },
  // The packages mark no comment as legal, but their licenses require a notice in every copy.
  footer: { js: `/*!\n${notices.join("\n").replaceAll(/\n{3,}/g, "\n\n")}\n*/` },
});

// node build.mjs GENERATED SITE < CSS: makes the folder SITE as `cargo leptos build --release` does: the files of public/, the
// style sheet from standard input, and the browser's part, whose script and WebAssembly are in the folder GENERATED.

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import browserslist from "browserslist";
import { transform as minify } from "esbuild";
import { browserslistToTargets, transform } from "lightningcss";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const [generated, site] = process.argv.slice(2);
const pkg = join(site, "pkg");

await rm(site, { recursive: true, force: true });
await cp(join(ROOT, "public"), site, { recursive: true });
await mkdir(pkg);

// The browsers that the style sheet is written for.
const [, query] = /^browserquery = "(.*)"$/m.exec(await readFile(join(ROOT, "Cargo.toml"), "utf8"));
const targets = browserslistToTargets(browserslist(query));
const css = transform({ filename: "doorstep.css", code: await buffer(process.stdin), minify: true, targets });
await writeFile(join(pkg, "doorstep.css"), css.code);

const script = await minify(await readFile(join(generated, "doorstep.js"), "utf8"), { format: "esm", minify: true });
await writeFile(join(pkg, "doorstep.js"), script.code);
// The name that Leptos' hydration script asks for.
await cp(join(generated, "doorstep_bg.wasm"), join(pkg, "doorstep.wasm"));

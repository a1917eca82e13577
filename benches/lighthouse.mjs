// Lighthouse's scores of the pages in its default profile: a phone on a slow network, both simulated. Reports the
// audits that cost points to stderr.
import { importLighthouse, inBrowser } from "./browser.mjs";
import { awaitQuiet, median } from "./load.mjs";

const CATEGORIES = ["performance", "accessibility", "best-practices"];
/** The pages and their categories. Search engines find only the public ones. */
const PAGES = [
  { path: "/", categories: [...CATEGORIES, "seo"] },
  { path: "/login", categories: [...CATEGORIES, "seo"] },
  { path: "/signup", categories: [...CATEGORIES, "seo"] },
  { path: "/account", categories: CATEGORIES, signedIn: true },
];
/** The fields of an audit's details that locate the fault. */
const TELLING = [
  "node", "snippet", "explanation", "url", "source", "sourceLocation", "line", "description", "label", "value", "items",
  "wastedBytes", "wastedMs", "total", "scripting", "duration", "groupLabel", "reason", "subpart",
];

const note = (text) => process.stderr.write(`${text}\n`);
const hundredths = (score) => Math.round(score * 100);

async function report(server, { path, categories, signedIn }) {
  const lighthouse = await importLighthouse();
  await awaitQuiet();
  const visitor = { url: server.url, cookies: signedIn && server.cookies };
  const url = server.url + path;
  const { lhr } = await inBrowser(visitor, (page) => lighthouse(url, { onlyCategories: categories }, undefined, page));
  if (lhr.runtimeError) throw new Error(`Lighthouse, ${path}: ${lhr.runtimeError.message}`);
  // For example because the customer is not signed in.
  if (lhr.finalDisplayedUrl !== url) throw new Error(`Lighthouse, ${path}: was led on to ${lhr.finalDisplayedUrl}`);
  const scores = categories.map((category) => `${category} ${hundredths(lhr.categories[category].score)}`);
  note(`  ${path}: ${scores.join(", ")}; the machine's index ${lhr.environment.benchmarkIndex}`);
  return lhr;
}

/** Returns the audits that cost points. For performance also those without weight, since they explain a bad metric. */
function faults({ audits, categories }, category) {
  return categories[category].auditRefs
    .map(({ id, weight }) => ({ ...audits[id], weight }))
    .filter(({ score, weight }) => score !== null && score < 1 && (weight || category === "performance"));
}

function explain(lhr, path, category) {
  note(`  ${path}, ${category}:`);
  for (const { id, title, score, weight, displayValue, details } of faults(lhr, category)) {
    const value = displayValue ? ` (${displayValue})` : "";
    note(`    ${id}: ${title}${value}, ${hundredths(score)}${weight ? ` at weight ${weight}` : ", as a hint"}`);
    // Items of a checklist have names, others are in rows.
    const items = Object.values(details?.items ?? {}).slice(0, 3);
    for (const item of items) note(`      ${JSON.stringify(item, TELLING).slice(0, 400)}`);
  }
}

/** Returns the median score of each page and category over this many runs. */
export async function scoresOf(server, rounds) {
  const scores = [];
  for (const page of PAGES) {
    const reports = [];
    for (let round = 0; round < rounds; round++) reports.push(await report(server, page));
    for (const category of page.categories) {
      const scoreIn = (lhr) => hundredths(lhr.categories[category].score);
      const score = median(reports.map(scoreIn));
      if (score < 100) explain(reports.find((lhr) => scoreIn(lhr) === score), page.path, category);
      scores.push({ path: page.path, category: reports[0].categories[category].title, score });
    }
  }
  return scores;
}

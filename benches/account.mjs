// The account page, for customers with few and with many activities.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { compare, under } from "./load.mjs";
import { row } from "./row.mjs";
import { expect, newPath, onServers, services, startEmbedded, withCustomers } from "./servers.mjs";

const run = promisify(execFile);
const MANY = 200;
/** The database of `onServers`. */
const SERVERS = "doorstep-servers";

/** Adds activities to this customer on MongoDB until there are MANY. */
async function addInMongo(id) {
  const { collection } = await services();
  const timeline = collection(SERVERS, "doorstep_timeline");
  const last = await timeline.findOne({ event: "signed_up" }, { sort: { at: -1 } });
  const customer = new last.customer.constructor(id);
  const { _id, group, ...like } = last;
  await timeline.insertMany(Array.from({ length: MANY - 1 }, (_, i) => ({ ...like, customer, at: new Date(last.at - 60_000 * (i + 1)) })));
}

const addInFile = (data) => (id) => run("python3", [join(import.meta.dirname, "activities.py"), join(data, "doorstep.db"), id, `${MANY - 1}`]);

/** Compares the page of two customers. One of them gets many activities. */
async function ratio(effort, server, add) {
  const browsers = readFileSync(server.browsers, "utf8").split("\n");
  const [few, many] = browsers.map((cookies) => ({ path: "/account", headers: { Cookie: cookies, Accept: "text/html" } }));
  const profile = await expect(200, `${server.url}/api/auth/profile`, { headers: many.headers });
  await add(JSON.parse(profile.body)._id);
  const list = await expect(200, `${server.url}/account/activity`, { headers: many.headers });
  if (list.body.toString().split("<time").length <= MANY / 2) throw new Error("the activities are not on the page that lists them");
  const [fast, slow] = await compare(effort, under(server, few), under(server, many));
  return row(`/account with ${MANY} activities ÷ with one, ${server.name}`, fast.rate / slow.rate, { unit: "×", limit: 1.2 });
}

export async function account(effort) {
  const data = newPath("data");
  return [
    await ratio(effort, await withCustomers(await startEmbedded(data)), addInFile(data)),
    await ratio(effort, await onServers(), addInMongo),
  ];
}

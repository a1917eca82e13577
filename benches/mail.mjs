// Mail: a mail server, a simple loop with lettre as the baseline, and an outbox of any size.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { BASELINE, mailServer, mailing, services } from "./servers.mjs";

const run = promisify(execFile);
/** The number of customers added to the outbox in one step. */
const BATCH = 1000;
/** The time from filling the outbox to the first due mail. */
const UNTIL_DUE_MS = 2000;

const LETTER = { new_device: { address: "203.0.113.7", device: { browser: "Firefox", system: "Linux" } } };

/** Returns how many mails per second the server accepts from a simple loop. */
export async function bareRate(port, count) {
  const { stdout } = await run(BASELINE, ["mail", `${port}`, `${count}`]);
  return Number(stdout);
}

/** Returns a customer with one mail, in the program's format. */
function customer(number, written) {
  const email = `customer${number}@example.com`;
  const mail = { id: randomBytes(16), to: email, name: "Ada", letter: JSON.stringify(LETTER), written, due: written, attempts: 0 };
  const times = { createdAt: written, updatedAt: written };
  return { name: "Ada", email, password: "$2b$12$nobodys", role: "customer", ...times, doorstep: { outbox: [mail] } };
}

/** Fills the outbox and lets the program send it. Returns the mails per second, and the growth of its memory in MiB. */
export async function drain(count, residentMiB) {
  const { collection } = await services();
  const server = await mailing(`doorstep-mailing-${count}`, await mailServer());
  const users = collection(server.name, "users");
  const before = residentMiB(server);
  // All become due at once, after all have been added.
  const due = new Date(Date.now() + 3_600_000);
  for (let number = 0; number < count; number += BATCH) {
    const length = Math.min(BATCH, count - number);
    await users.insertMany(Array.from({ length }, (_, i) => customer(number + i, due)));
  }
  const start = new Date(Date.now() + UNTIL_DUE_MS);
  await users.updateMany({}, { $set: { "doorstep.outbox.0.due": start, "doorstep.outbox.0.written": start } });
  // Uses the index: counting would use more of MongoDB than the mail does.
  const left = () => users.findOne({ "doorstep.outbox.due": { $gt: new Date(0) } }, { projection: { _id: 1 } });
  let most = before;
  while (await left()) {
    most = Math.max(most, residentMiB(server));
    await sleep(250);
  }
  const seconds = (Date.now() - start) / 1000;
  await server.stop();
  return { rate: count / seconds, growth: most - before };
}

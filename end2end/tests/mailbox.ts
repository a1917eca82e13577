// The mail that this run's mail server has received: one file per message.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { expect } from "@playwright/test";

interface Mail {
  to: string[];
  headers: { subject: string };
  text: string;
  html: string;
}

function mails(): Mail[] {
  const folder = process.env["DOORSTEP_END2END_MAILS"] ?? "";
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return files.map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Mail);
}

/** Returns how many mails to this address with this subject have arrived. */
export function mailCount(to: string, subject: string): number {
  return mails().filter((mail) => mail.to.includes(to) && mail.headers.subject.startsWith(subject)).length;
}

/** Waits for a mail to this address with this subject. */
export async function newMail(to: string, subject: string): Promise<Mail> {
  const find = () => mails().find((mail) => mail.to.includes(to) && mail.headers.subject.startsWith(subject));
  await expect.poll(find, { message: `"${subject}" to ${to}` }).toBeDefined();
  const mail = find();
  if (!mail) throw new Error("it was there a moment ago");
  return mail;
}

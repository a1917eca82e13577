// What customers were told, and so may rely on: in memory, and in a file for whoever looks into a failed run.
import { createWriteStream } from "node:fs";

export class Ledger {
  /** Addresses that have an account. */
  signUps = [];
  /** Sessions that are over: `{ email, jar, why }`. */
  ended = [];
  /** Refresh tokens that were used: `{ email, jar, session, at }`; whoever brings one ends `session`, a jar. */
  usedUp = [];
  /** Sessions that nobody has ended: `{ email, jar }`. */
  kept = [];

  constructor(file) {
    this.file = createWriteStream(file);
  }

  #write(fact, entry) {
    this[fact].push(entry);
    const { email, jar, why } = typeof entry === "string" ? { email: entry } : entry;
    const line = { at: new Date().toISOString(), fact, email, why, cookies: jar?.header };
    this.file.write(`${JSON.stringify(line)}\n`);
  }

  signedUp(email) {
    this.#write("signUps", email);
  }

  hasEnded(email, jar, why) {
    this.#write("ended", { email, jar: jar.copy(), why });
  }

  isUsedUp(email, jar, session) {
    this.#write("usedUp", { email, jar: jar.refreshTokenOnly(), session, at: Date.now() });
  }

  keeps(email, jar) {
    this.#write("kept", { email, jar });
  }
}

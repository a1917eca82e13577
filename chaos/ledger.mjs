// What customers were told and rely on: in memory, and in a file to analyse a failed run.
import { createWriteStream } from "node:fs";

export class Ledger {
  /** Addresses with an account. */
  signUps = [];
  /** Ended sessions: `{ email, jar, why }`. */
  ended = [];
  /** Used refresh tokens: `{ email, jar, session, at }`. Presenting one ends `session`, a jar. */
  usedUp = [];
  /** Active sessions: `{ email, jar }`. */
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

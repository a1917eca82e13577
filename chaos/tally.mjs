// The results of one phase of a run: the outcome of requests, and unexpected events.

/** The number of unexpected events that are reported per phase. One cause often produces hundreds. */
const TOLD = 10;

export class Tally {
  /** Requests that needed another instance or another attempt. */
  unreached = 0;
  unavailable = 0;
  answered = 0;
  surprises = [];
  isOnlyLate = true;
  checked = { signUps: 0, ended: 0, usedUp: 0, kept: 0 };
  recovery = undefined;

  /** @param strict true if every request has to succeed at one of the instances, and none may return 503 */
  constructor(name, strict = false) {
    Object.assign(this, { name, strict });
  }

  count(status) {
    if (status === 0) this.unreached++;
    else if (status === 503) this.unavailable++;
    else this.answered++;
  }

  /** @param late true for a 503, which servers also return when they get no processor time */
  surprise(text, { late = false } = {}) {
    this.surprises.push(text);
    this.isOnlyLate &&= late;
    if (this.surprises.length <= TOLD) process.stderr.write(`  wrong: ${text}\n`);
    else if (this.surprises.length === TOLD + 1) process.stderr.write("  wrong: and more\n");
  }

  get survived() {
    return this.surprises.length === 0;
  }
}

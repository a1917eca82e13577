// What happened in one phase of a run: how requests fared, and what should not have happened.

/** How many surprises of one phase are told of; one cause often has hundreds. */
const TOLD = 10;

export class Tally {
  /** Another instance or another try had the answer. */
  unreached = 0;
  unavailable = 0;
  answered = 0;
  surprises = [];
  isOnlyLate = true;
  checked = { signUps: 0, ended: 0, usedUp: 0, kept: 0 };
  recovery = undefined;

  /** @param strict whether every request has to be answered by one of the instances, and by none with 503 */
  constructor(name, strict = false) {
    Object.assign(this, { name, strict });
  }

  count(status) {
    if (status === 0) this.unreached++;
    else if (status === 503) this.unavailable++;
    else this.answered++;
  }

  /** @param late whether it is no more than a 503, which servers answer that get no processor, too */
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

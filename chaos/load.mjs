// Customers who make visits all the time, except while they are paused.
import { setTimeout as sleep } from "node:timers/promises";

import { Customer, GaveUp } from "./customer.mjs";

const CUSTOMERS = 20;
/** The longest pause of a customer before a request. */
const THOUGHT_MS = 200;

export class Load {
  #resting = Promise.resolve();
  #rise = () => {};
  #idle = 0;
  #over = false;
  failure;

  constructor(shop) {
    this.shop = shop;
    shop.gate = () => this.#gate();
    this.workers = Array.from({ length: CUSTOMERS }, () => this.#work());
  }

  async #gate() {
    this.#idle++;
    await this.#resting;
    this.#idle--;
    if (this.#over) throw new GaveUp();
    await sleep(Math.random() * THOUGHT_MS);
  }

  async #work() {
    while (!this.#over) {
      try {
        await new Customer(this.shop).visit();
      } catch (error) {
        if (!(error instanceof GaveUp)) this.failure ??= error;
      }
      if (this.failure) return;
    }
  }

  go() {
    this.#rise();
  }

  /** Returns once no request is pending. */
  async rest() {
    this.#resting = new Promise((rise) => (this.#rise = rise));
    while (this.#idle < CUSTOMERS) {
      if (this.failure) throw this.failure;
      await sleep(20);
    }
  }

  async end() {
    this.#over = true;
    this.go();
    await Promise.all(this.workers);
  }
}

// A simulated customer: makes requests, retries until there is a response, and records the result.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { Jar } from "./client.mjs";
import { GRACE_MS } from "./instances.mjs";

const PASSWORD = "seven tall herons";
/** How long a customer waits after a failed attempt, and for how long they retry. */
const PAUSE_MS = 300;
const INSISTENCE_MS = 90_000;

/** There is no usable response. An unexpected one has already been recorded. */
export class GaveUp extends Error {}

export const REQUESTS = {
  signUp: (email) => ({ method: "POST", path: "/api/auth/signup", body: { name: "Ada", email, password: PASSWORD } }),
  logIn: (email) => ({ method: "POST", path: "/api/auth/login", body: { email, password: PASSWORD } }),
  profile: { method: "GET", path: "/api/auth/profile" },
  refresh: { method: "POST", path: "/api/auth/refresh-token" },
  revoke: (session) => ({ method: "POST", path: "/api/auth/sessions/revoke", body: { session } }),
  logOut: { method: "POST", path: "/api/auth/logout" },
};

export const newEmail = () => `${randomBytes(9).toString("hex")}@x.test`;

export const told = ({ status, body, by, id }) => `${status} by ${by} (request ${id}): ${body.slice(0, 300)}`;

/** Returns true if the response is about the customer with this address. */
export function isAbout(email, { body }) {
  try {
    return JSON.parse(body).email === email;
  } catch {
    return false;
  }
}

/** One device of a customer. `uncertain`: a response was lost, so the session may have ended. */
class Device {
  uncertain = false;
  jar = new Jar();
}

export class Customer {
  email = newEmail();

  /** @param shop `{ balancer, ledger, tally, clockIsOff, gate }`; the tally is replaced in each phase */
  constructor(shop) {
    this.shop = shop;
  }

  /**
   * Sends a request until there is a response.
   * @param expected the valid statuses
   * @param lost more valid statuses after a lost response
   */
  async #insist(what, device, request, expected, lost = []) {
    const { shop, email } = this;
    let unclear = device.uncertain;
    for (const deadline = performance.now() + INSISTENCE_MS; performance.now() < deadline; ) {
      await shop.gate();
      const { tally } = shop;
      const answer = await shop.balancer.ask({ ...request, jar: device.jar }, { retryCut: true });
      for (const { status } of [...answer.tried, answer]) tally.count(status);
      const wasCut = answer.tried.some(({ refused }) => !refused);
      if (!tally.strict && wasCut) unclear = true;
      if ([200, 201].includes(answer.status) && /email/.test(answer.body) && !isAbout(email, answer)) {
        tally.surprise(`${what} of ${email} shows another customer: ${told(answer)}`);
      }
      if (expected.includes(answer.status) || (unclear && lost.includes(answer.status))) return { ...answer, unclear };
      if (![0, 503].includes(answer.status)) {
        tally.surprise(`${what} of ${email} is ${told(answer)}`);
        throw new GaveUp();
      }
      if (answer.silent || tally.strict) {
        tally.surprise(`${what} of ${email} is not answered: ${told(answer)}`, { late: answer.status === 503 });
      }
      if (!answer.refused) unclear = true;
      await sleep(PAUSE_MS);
    }
    shop.tally.surprise(`${what} of ${email} is not answered for ${INSISTENCE_MS / 1000} s`);
    throw new GaveUp();
  }

  async signUp() {
    const device = new Device();
    const answer = await this.#insist("a sign-up", device, REQUESTS.signUp(this.email), [201], [409]);
    this.shop.ledger.signedUp(this.email);
    return answer.status === 201 ? device : this.logIn();
  }

  async logIn() {
    const device = new Device();
    await this.#insist("a login", device, REQUESTS.logIn(this.email), [200]);
    return device;
  }

  async profile(device) {
    // With a wrong clock, any request may renew the tokens.
    const answer = await this.#insist("a profile", device, REQUESTS.profile, [200], [401]);
    if (answer.unclear && this.shop.clockIsOff) device.uncertain = true;
    if (answer.status === 401) throw new GaveUp();
  }

  /** Checks that an ended session stays invalid. */
  async isSignedOut(device, why) {
    await this.#insist(`a profile ${why}`, device, REQUESTS.profile, [401]);
  }

  /** Refreshes the session. Returns the previous jar, whose refresh token is used up now. */
  async refresh(device) {
    const before = device.jar.copy();
    const { status, unclear } = await this.#insist("a refresh", device, REQUESTS.refresh, [200], [401]);
    if (unclear) device.uncertain = true;
    if (status === 401) throw new GaveUp();
    return before;
  }

  async revoke(device, other) {
    const before = other.jar.copy();
    // 403: for a clock that is an hour ahead, the last password confirmation is too old.
    const expected = this.shop.clockIsOff ? [200, 403] : [200];
    const revoke = REQUESTS.revoke(before.session);
    const { status } = await this.#insist("a revocation", device, revoke, expected, [401, 404]);
    if (status === 401) throw new GaveUp();
    if (status === 403) return false;
    this.shop.ledger.hasEnded(this.email, before, "revoked");
    return true;
  }

  async logOut(device) {
    const before = device.jar.copy();
    await this.#insist("a logout", device, REQUESTS.logOut, [200]);
    this.shop.ledger.hasEnded(this.email, before, "logged out");
    device.jar = before;
  }

  /** Presents a used refresh token after its grace period. It must be refused, and its session must end. */
  async bringUsedUp() {
    const device = await this.logIn();
    const before = await this.refresh(device);
    await sleep(GRACE_MS + 300);
    const thief = new Device();
    thief.jar = before.refreshTokenOnly();
    await this.#insist("a used-up token", thief, REQUESTS.refresh, [401]);
    this.shop.ledger.hasEnded(this.email, device.jar, "reused");
    await this.isSignedOut(device, "after a reuse");
  }

  /** A customer's visit. Some keep a used token to present it later, some stay signed in. */
  async visit() {
    const laptop = await this.signUp();
    const phone = await this.logIn();
    await this.profile(laptop);
    const before = await this.refresh(laptop);
    const tablet = await this.logIn();
    if (await this.revoke(laptop, tablet)) await this.isSignedOut(tablet, "after a revocation");
    await this.profile(phone);
    await this.logOut(phone);
    await this.isSignedOut(phone, "after a logout");
    if (Math.random() < 0.3) await this.bringUsedUp();
    if (Math.random() < 0.5) this.shop.ledger.isUsedUp(this.email, before, laptop.jar);
    else if (!laptop.uncertain) this.shop.ledger.keeps(this.email, laptop.jar);
  }
}

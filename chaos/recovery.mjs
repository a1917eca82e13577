// Measures recovery: customers do everything once at each instance.
import { setTimeout as sleep } from "node:timers/promises";

import { Jar, ask } from "./client.mjs";
import { REQUESTS, isAbout, newEmail, told } from "./customer.mjs";

/** Enough customers to have some on every server of a cluster of three. */
const CROWD = 8;
/** The longest allowed recovery after the end of a fault. */
const LIMIT_MS = 60_000;

/** Returns true if a customer can do everything at this instance. */
async function isServed(shop, instance) {
  const email = newEmail();
  const jar = new Jar();
  const steps = [
    ["signUp", REQUESTS.signUp(email), 201],
    ["logIn", REQUESTS.logIn(email), 200],
    ["profile", REQUESTS.profile, 200],
    ["refresh", REQUESTS.refresh, 200],
    ["logOut", REQUESTS.logOut, 200],
  ];
  for (const [step, request, right] of steps) {
    const before = jar.copy();
    const answer = await ask(instance, { ...request, jar });
    shop.tally.count(answer.status);
    if (answer.silent || ![right, 0, 503].includes(answer.status)) {
      shop.tally.surprise(`the ${step} of a probe, ${email}, is ${told(answer)}`);
    }
    if (answer.status !== right) return false;
    if (step === "signUp") shop.ledger.signedUp(email);
    if (step === "logOut") shop.ledger.hasEnded(email, before, "logged out");
    else if (step !== "refresh" && !isAbout(email, answer)) {
      shop.tally.surprise(`a probe, ${email}, is shown another customer: ${told(answer)}`);
    }
  }
  return true;
}

async function areAllServed(shop) {
  const probes = shop.instances.flatMap((instance) => Array.from({ length: CROWD }, () => isServed(shop, instance)));
  return (await Promise.all(probes)).every(Boolean);
}

/**
 * Applies `fault`, and returns once it is over and all customers are served. Returns the seconds from its start until
 * all customers were served permanently: 0 if no probe failed, `undefined` if the service did not recover.
 */
export async function recovery(shop, fault) {
  const began = performance.now();
  let over = Infinity;
  const happening = fault().then(() => (over = performance.now()));
  // The rejection is handled below.
  happening.catch(() => {});
  let well = began;
  for (let wasWell = true; ; ) {
    const asked = performance.now();
    const isWell = await areAllServed(shop);
    if (isWell && !wasWell) well = performance.now();
    wasWell = isWell;
    if (isWell && asked > over) break;
    if (performance.now() > over + LIMIT_MS) {
      await happening;
      return undefined;
    }
    // A fault that fails ends the run.
    await Promise.race([happening.then(() => sleep(100)), sleep(300)]);
  }
  return (well - began) / 1000;
}

// Whether all is well again: asked of each instance by customers who do everything once.
import { setTimeout as sleep } from "node:timers/promises";

import { Jar, ask } from "./client.mjs";
import { REQUESTS, isAbout, newEmail, told } from "./customer.mjs";

/** So many at once that some of them are on every server of a cluster of three. */
const CROWD = 8;
/** How long after the end of a fault it may last. */
const LIMIT_MS = 60_000;

/** Whether somebody can do everything at this instance. */
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
      shop.tally.surprise(`a probe, ${email}, is told of somebody else: ${told(answer)}`);
    }
  }
  return true;
}

async function areAllServed(shop) {
  const probes = shop.instances.flatMap((instance) => Array.from({ length: CROWD }, () => isServed(shop, instance)));
  return (await Promise.all(probes)).every(Boolean);
}

/**
 * Has `fault` happen, and returns once it is over and everybody is served. Answers with the seconds from its beginning
 * until everybody was served for good: 0 when nobody who was asked noticed; `undefined` when that never came.
 */
export async function recovery(shop, fault) {
  const began = performance.now();
  let over = Infinity;
  const happening = fault().then(() => (over = performance.now()));
  // Heard of below.
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

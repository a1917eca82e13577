// Compares what customers were told with the actual state, on both instances.
import { setTimeout as sleep } from "node:timers/promises";

import { ask } from "./client.mjs";
import { REQUESTS, isAbout, told } from "./customer.mjs";
import { GRACE_MS } from "./instances.mjs";

const AT_ONCE = 24;
/** How many sign-ups, and how many signed-in customers, are checked after a fault. */
const SAMPLE = 200;
const TRIES = 20;

/** Runs `work` for each item, several at once. */
async function each(items, work) {
  const left = [...items];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left.length) await work(left.pop());
  }));
}

/** Half of the sample is of the most recent items, which existed when the fault happened. */
function sample(all) {
  if (all.length <= SAMPLE) return all;
  const latest = all.slice(-SAMPLE / 2);
  const earlier = all.slice(0, -SAMPLE / 2);
  for (let i = 0; i < SAMPLE / 2; i++) {
    latest.push(...earlier.splice(Math.floor(Math.random() * earlier.length), 1));
  }
  return latest;
}

/** There is no fault now, so an answer must arrive soon. */
async function answered(instance, request) {
  for (let left = TRIES; ; left--) {
    const answer = await ask(instance, request);
    if (![0, 503].includes(answer.status) || left === 0) return answer;
    await sleep(500);
  }
}

/** @param {{all?: boolean}} options `all` checks every customer instead of a sample */
export async function check(shop, { all = false } = {}) {
  const { instances, ledger, tally } = shop;
  const expect = (isRight, what, answer) => isRight || tally.surprise(`${what}: ${told(answer)}`);
  let turn = 0;
  const next = () => instances[turn++ % instances.length];

  await each(all ? ledger.signUps : sample(ledger.signUps), async (email) => {
    const answer = await answered(next(), REQUESTS.logIn(email));
    expect(answer.status === 200 && isAbout(email, answer), `${email}, who signed up, cannot log in`, answer);
    tally.checked.signUps++;
  });

  await each(all ? ledger.kept : sample(ledger.kept), async (kept) => {
    const { email, jar } = kept;
    for (const instance of instances) {
      const answer = await answered(instance, { ...REQUESTS.profile, jar });
      expect(answer.status === 200 && isAbout(email, answer), `${email}, signed in, is not served`, answer);
    }
    tally.checked.kept++;
  });

  await sleep(GRACE_MS);
  await each(ledger.usedUp.splice(0), async ({ email, jar, session }) => {
    for (const instance of instances) {
      const answer = await answered(instance, { ...REQUESTS.refresh, jar: jar.copy() });
      expect(answer.status === 401, `a used-up token of ${email} is taken`, answer);
    }
    // The reuse ends the session for good.
    ledger.hasEnded(email, session, "reused");
    tally.checked.usedUp++;
  });

  await each(ledger.ended, async ({ email, jar, why }) => {
    for (const instance of instances) {
      const answer = await answered(instance, { ...REQUESTS.profile, jar: jar.copy() });
      expect(answer.status === 401, `a session of ${email} that was ${why} lives`, answer);
    }
    tally.checked.ended++;
  });
}

// The source of public/zxcvbn.js: zxcvbn-ts and the words that build.mjs has chosen, behind one function.

import { ZxcvbnFactory } from "@zxcvbn-ts/core";

/**
 * A word that the estimator finds in every list: every JavaScript object has a property of this name. It would have an
 * invalid rank and count as strong.
 */
const EVERYWHERE = "constructor";

// WORDS, SEQUENCES and GRAPHS are defined by build.mjs.
const lists = [
  ...Object.entries(WORDS).map(([name, words]) => [name, words.split(" ")]),
  ...Object.entries(SEQUENCES),
];
const estimator = new ZxcvbnFactory({
  dictionary: Object.fromEntries(lists.map(([name, words]) => [name, [...words, EVERYWHERE]])),
  graphs: GRAPHS,
  // Both limits keep a phone responsive: the time grows faster than the length of the password, and in proportion to
  // the number of leetspeak readings ("4" as "a"). Of the usual 100 readings, the first few find the words.
  maxLength: 64,
  l33tMaxSubstitutions: 8,
});

/** Returns the texts that people make passwords of: the text as it is, the part before its "@", and its words, each
    and all joined. */
function parts(text) {
  const words = text.split(/[^\p{L}\p{N}]+/u);
  return [text, text.split("@")[0], words.join(""), ...words].filter((part) => part.length > 2);
}

/**
 * Returns how hard a password is to guess, from 0 (guessed at once) to 4 (safe even if its hash is stolen). `personal`
 * are texts that an attacker would try for this person, such as their name.
 */
export function score(password, personal) {
  return estimator.check(password, [...personal.flatMap(parts), EVERYWHERE]).score;
}

// What public/zxcvbn.js is made from: zxcvbn-ts and the words that build.mjs chose, behind one function.

import { ZxcvbnFactory } from "@zxcvbn-ts/core";

/**
 * A word of every list. As every object in JavaScript has a property of that name, the estimator takes it for one
 * anyway, of a rank that is no number, and would call it strong.
 */
const EVERYWHERE = "constructor";

// WORDS, SEQUENCES and GRAPHS come from build.mjs.
const lists = [
  ...Object.entries(WORDS).map(([name, words]) => [name, words.split(" ")]),
  ...Object.entries(SEQUENCES),
];
const estimator = new ZxcvbnFactory({
  dictionary: Object.fromEntries(lists.map(([name, words]) => [name, [...words, EVERYWHERE]])),
  graphs: GRAPHS,
  // Both keep a phone from freezing: the time that a password takes grows faster than its length, and in proportion to
  // how many readings of its signs as letters ("4" as "a") are tried. Of the usual 100, the first few find the words.
  maxLength: 64,
  l33tMaxSubstitutions: 8,
});

/** What people make passwords of: a text as it is, up to its "@", and its words, each and all in one. */
function parts(text) {
  const words = text.split(/[^\p{L}\p{N}]+/u);
  return [text, text.split("@")[0], words.join(""), ...words].filter((part) => part.length > 2);
}

/**
 * How hard a password is to guess, from 0 (the first tries find it) to 4 (whoever stole the hashes does not).
 * `personal`: texts that anybody would try on this person, such as their name.
 */
export function score(password, personal) {
  return estimator.check(password, [...personal.flatMap(parts), EVERYWHERE]).score;
}

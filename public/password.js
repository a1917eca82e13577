// Helps with entering a password: can show it, warns of Caps Lock, and rates a new one. The password stays in its
// field: nothing here stores, logs or sends it.
//
// Browsers differ and extensions change pages. Each part runs guarded, so that one that fails does not stop the others.

/** How long typing has to pause before a password is rated, in milliseconds, since rating would delay the typing. */
const PAUSE = 150;

/** Returns `run` such that an error in it ends there. Only the name of the error is logged. */
const guarded = (run) => (...values) => {
  try {
    return run(...values);
  } catch (error) {
    console.info(`password.js: ${error?.name}`);
  }
};

/** Calls `handle` at each event of this type. */
const on = (type, handle, options) => addEventListener(type, guarded(handle), options);

/** Rates a password from 0 to 4. `undefined` until it is loaded, `null` if it cannot be loaded. */
let score;
let loading;

/** Returns another element of the password field that contains `element`. */
const beside = (element, selector) => element.closest?.(".field")?.querySelector(selector);

/** The text of each status. Not read from the page, where a translator may have replaced it. */
const said = new WeakMap();

/** Sets the text only if it changes, since a screen reader announces every write. */
function say(status, text) {
  if ((said.get(status) ?? "") === text) return;
  said.set(status, text);
  status.textContent = text;
}

// --- Showing the password ---

function reveal(button, shown) {
  beside(button, "input").type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", shown);
}

on("click", ({ target }) => {
  const button = target.closest?.(".field .reveal");
  if (button) reveal(button, button.getAttribute("aria-pressed") !== "true");
});

// A browser would store a password that is sent from a plain text field, and offer it to the next user of the field.
on("submit", ({ target }) => {
  target.querySelectorAll(".reveal[aria-pressed=true]").forEach(guarded((button) => reveal(button, false)));
}, true);

// --- Caps Lock ---

function tellCapsLock(event) {
  const status = event.target.matches?.("input") && beside(event.target, ".caps-lock");
  // Events without key state, such as blur or the keydown of autofill, cannot tell the state of Caps Lock.
  if (status) say(status, event.getModifierState?.("CapsLock") ? status.dataset.words : "");
}

for (const type of ["keydown", "keyup", "mousedown"]) on(type, tellCapsLock);

/** True while a pointer is pressed, which may have caused the field to lose the focus. */
let isPressed = false;
let left;

on("focusout", (event) => {
  if (isPressed) left = event;
  else tellCapsLock(event);
});

on("pointerdown", () => (isPressed = true));

// Only after the press, so that elements below do not move away from the pointer.
for (const type of ["pointerup", "pointercancel"]) on(type, () => setTimeout(guarded(() => {
  const event = left;
  isPressed = false;
  left = undefined;
  if (event) tellCapsLock(event);
})));

// --- Strength ---

/** Returns the texts that an attacker would try for this person in this shop. */
function personal(form) {
  const fields = form?.querySelectorAll("[name=name], [name=email], [autocomplete=username]") ?? [];
  const shop = document.querySelector("meta[name=application-name]")?.content ?? "";
  return [shop, ...Array.from(fields, (field) => field.value)];
}

function rate(strength) {
  const { value, form } = beside(strength, "input");
  const waits = score === undefined;
  strength.hidden = value === "" || score === null;
  strength.classList.toggle("skeleton", waits && !strength.hidden);
  if (waits || strength.hidden) {
    delete strength.dataset.score;
    say(strength, "");
    return;
  }
  const level = score(value, personal(form));
  strength.dataset.score = level;
  say(strength, `${strength.dataset.label} ${strength.dataset.words.split("|")[level]}`);
}

function load() {
  loading ??= import("/zxcvbn.js")
    .then((module) => (score = module.score), () => (score = null))
    .then(() => document.querySelectorAll(".field .strength").forEach(guarded(rate)));
}

on("input", ({ target }) => {
  const strength = beside(target, ".strength");
  if (!strength) return;
  load();
  const typed = target.value;
  if (!score || typed === "") rate(strength);
  else setTimeout(guarded(() => target.value === typed && rate(strength)), PAUSE);
});

// --- Existing fields, and fields that are added later ---

function attend(element) {
  const button = beside(element, ".reveal");
  // Hidden in the HTML, since it does nothing without scripts.
  if (button) button.hidden = false;
  if (element.matches?.("input") && beside(element, ".strength")) load();
}

on("focusin", ({ target }) => attend(target));
document.querySelectorAll(".field, :focus").forEach(guarded(attend));

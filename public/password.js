// Helps with typing a password: shows it, warns of Caps Lock, and rates a new one. What is typed stays in its field: nothing
// here keeps, logs or sends it.
//
// Browsers differ and extensions change pages. Each part runs guarded, so that one that fails does not stop the others.

/** How long nothing has to be typed before a password is rated, in milliseconds, so that typing is not held up. */
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

/** Rates a password from 0 to 4: undefined until it is there, null when it could not be loaded. */
let score;
let loading;

/** What else there is in the password field that an element is in. */
const beside = (element, selector) => element.closest?.(".field")?.querySelector(selector);

/** What each status says. It cannot be read from the page, where a translator may have replaced it. */
const said = new WeakMap();

/** A screen reader reads out whatever is written, so only what changes is. */
function say(status, text) {
  if ((said.get(status) ?? "") === text) return;
  said.set(status, text);
  status.textContent = text;
}

// --- Showing what is typed ---

function reveal(button, shown) {
  beside(button, "input").type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", shown);
}

on("click", ({ target }) => {
  const button = target.closest?.(".field .reveal");
  if (button) reveal(button, button.getAttribute("aria-pressed") !== "true");
});

// A browser would remember what was sent as plain text, and offer it to whoever types there next.
on("submit", ({ target }) => {
  target.querySelectorAll(".reveal[aria-pressed=true]").forEach(guarded((button) => reveal(button, false)));
}, true);

// --- Caps Lock ---

function tellCapsLock(event) {
  const status = event.target.matches?.("input") && beside(event.target, ".caps-lock");
  // Neither losing the focus nor the keydown that comes with what a browser fills in knows of any key.
  if (status) say(status, event.getModifierState?.("CapsLock") ? status.dataset.words : "");
}

for (const type of ["keydown", "keyup", "mousedown"]) on(type, tellCapsLock);

/** Whether something is being pressed, by which a field may have been left. */
let isPressed = false;
let left;

on("focusout", (event) => {
  if (isPressed) left = event;
  else tellCapsLock(event);
});

on("pointerdown", () => (isPressed = true));

// Not before: what stands below must not move away from under the pointer.
for (const type of ["pointerup", "pointercancel"]) on(type, () => setTimeout(guarded(() => {
  const event = left;
  isPressed = false;
  left = undefined;
  if (event) tellCapsLock(event);
})));

// --- Strength ---

/** What anybody would try on this person, in this shop. */
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

// --- Fields that are there, and that come later ---

function attend(element) {
  const button = beside(element, ".reveal");
  // It comes hidden, since without scripts it would do nothing.
  if (button) button.hidden = false;
  if (element.matches?.("input") && beside(element, ".strength")) load();
}

on("focusin", ({ target }) => attend(target));
document.querySelectorAll(".field, :focus").forEach(guarded(attend));

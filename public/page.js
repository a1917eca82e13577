// Scripts of every page. Pages work without them: a submitted form shows that it is busy and is not sent twice, some forms ask
// for confirmation first, messages can be dismissed, and times are shown in the browser's time zone.
//
// Browsers differ and extensions change pages. Each part runs guarded, so that one that fails does not stop the others.

/** Returns `run` such that an error in it ends there. Only the name of the error is logged. */
const guarded = (run) => (...values) => {
  try {
    return run(...values);
  } catch (error) {
    console.info(`page.js: ${error?.name}`);
  }
};

// --- Forms ---

/** Asks before `form` is sent. Returns true if it can be sent now, false if the dialog sends another form instead. */
function confirmed(form, button) {
  const dialog = Array.from(document.querySelectorAll("dialog")).find(({ id }) => id === form.dataset.confirm);
  try {
    dialog.showModal();
    return false;
  } catch {
    if (dialog?.open) return false;
    // Without dialogs, the browser asks the same question.
    return confirm((dialog?.querySelector("h2") ?? button)?.textContent ?? "");
  }
}

function setBusy(button) {
  button.dataset.idle = button.textContent;
  button.textContent = button.dataset.busy;
  button.setAttribute("aria-disabled", "true");
}

function setIdle(button) {
  button.textContent = button.dataset.idle;
  button.removeAttribute("aria-disabled");
  delete button.dataset.idle;
}

// On the window, so that it runs after all other listeners: a form that another script sends, or holds back, is left alone.
addEventListener("submit", guarded((event) => {
  const form = event.target;
  const button = event.submitter ?? form.querySelector("[type=submit]");
  if (event.defaultPrevented) return;
  if (button?.getAttribute("aria-disabled") === "true" || (form.dataset.confirm && !confirmed(form, button))) {
    event.preventDefault();
  } else if (button?.dataset.busy) {
    setBusy(button);
  }
}));

// A page that is restored from the history can be used again.
addEventListener("pageshow", guarded(() => {
  document.querySelectorAll("button[data-idle]").forEach(guarded(setIdle));
}));

// --- Messages that can be dismissed ---

document.querySelectorAll("[data-dismiss]").forEach(guarded((button) => {
  button.hidden = false;
  button.addEventListener("click", guarded(() => button.parentElement.remove()));
}));

// --- Times ---

const FORMATS = {
  day: { dateStyle: "long" },
  minute: { dateStyle: "long", timeStyle: "short" },
};

/** The browser's preferred tags of the page's language, best first, then the page's language, then the browser's default. */
function languages() {
  const { lang } = document.documentElement;
  const preferred = guarded(() => Array.from(navigator.languages))() ?? [];
  const regional = preferred.filter((tag) => typeof tag === "string" && tag.split("-")[0] === lang);
  return [...regional, lang, undefined];
}

/** Returns a formatter in the first of the languages that this browser accepts: not every tag that it reports is valid. */
function formatter(options) {
  for (const language of languages()) {
    const format = guarded(() => new Intl.DateTimeFormat(language, options))();
    if (format) return format;
  }
  throw new ReferenceError("no format");
}

for (const [shown, options] of Object.entries(FORMATS)) {
  guarded(() => {
    const times = document.querySelectorAll(`time[data-shown=${shown}]`);
    if (times.length === 0) return;
    const format = formatter(options);
    // An invalid time keeps the server's text.
    times.forEach(guarded((time) => (time.textContent = format.format(new Date(time.dateTime)))));
  })();
}

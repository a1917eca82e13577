// What every page has of scripts, and works without: a form that is on its way says so and is not sent twice, a question is
// asked first where there is one, word of what was done can be put away, and times are told by the clock of the place.

// The page's language, as it is written where the browser is from.
const { lang } = document.documentElement;
const language = navigator.languages.find((preferred) => preferred.split("-")[0] === lang) ?? lang;
const SHOWN = {
  day: new Intl.DateTimeFormat(language, { dateStyle: "long" }),
  minute: new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" }),
};

for (const time of document.querySelectorAll("time[data-shown]")) {
  time.textContent = SHOWN[time.dataset.shown].format(new Date(time.dateTime));
}

// Last of all that hear of it: a form that is sent by its own scripts, or not at all, is none of ours.
addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented) return;
  if (form.dataset.confirm && typeof HTMLDialogElement === "function") {
    event.preventDefault();
    document.getElementById(form.dataset.confirm).showModal();
  } else if (submitter?.getAttribute("aria-disabled") === "true") {
    event.preventDefault();
  } else if (submitter?.dataset.busy) {
    beBusy(submitter);
  }
});

function beBusy(button) {
  button.dataset.idle = button.textContent;
  button.textContent = button.dataset.busy;
  button.setAttribute("aria-disabled", "true");
}

// Whoever comes back to a page finds it as it was before they left.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[data-idle]")) {
    button.textContent = button.dataset.idle;
    button.removeAttribute("aria-disabled");
    delete button.dataset.idle;
  }
});

for (const button of document.querySelectorAll("[data-dismiss]")) {
  button.hidden = false;
  button.addEventListener("click", () => button.parentElement.remove());
}

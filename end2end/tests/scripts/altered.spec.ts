// Pages that extensions, translators or minifying proxies have changed. Their forms must still work.
import type { Page } from "@playwright/test";

import { door, expect, test, type Visitor } from "../support.ts";

/** Runs in the page: wraps each text in elements, as Google Translate does, which moves the text nodes. */
function translate(): void {
  const walker = document.createTreeWalker(document.querySelector("main") ?? document.body, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode as Text);
  for (const text of texts) {
    if (text.data.trim() === "" || text.parentElement?.closest("font, script, style")) continue;
    const outer = document.createElement("font");
    const inner = document.createElement("font");
    inner.textContent = text.data;
    outer.append(inner);
    text.replaceWith(outer);
  }
}

/** Changes to a page before its form is hydrated. After those with `breaks`, the form cannot be hydrated. */
const ALTERATIONS: { what: string; alter: () => void; breaks?: boolean }[] = [
  { what: "a translator wrapped its texts", alter: translate },
  {
    what: "an extension put elements everywhere",
    alter: () => {
      const extra = () => document.createElement("div");
      for (const place of document.querySelectorAll("main form, main form *")) {
        if (place.matches("input")) place.before(extra());
        else place.prepend(extra());
        place.after(extra());
      }
    },
  },
  {
    what: "an extension put texts and comments everywhere",
    alter: () => {
      for (const place of document.querySelectorAll("main form *:not(input)")) {
        place.prepend(document.createTextNode(" "), document.createComment("note"));
        place.append(document.createTextNode(" "));
      }
    },
  },
  {
    what: "a minifier took its comments and whitespace",
    alter: () => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_TEXT);
      const nodes: CharacterData[] = [];
      while (walker.nextNode()) nodes.push(walker.currentNode as CharacterData);
      for (const node of nodes) if (node instanceof Comment || node.data.trim() === "") node.remove();
    },
  },
  {
    what: "a password manager wrapped its fields",
    alter: () => {
      for (const input of document.querySelectorAll("main form input:not([type=hidden])")) {
        const wrapper = document.createElement("span");
        input.replaceWith(wrapper);
        wrapper.append(input);
      }
    },
  },
  {
    what: "an extension used its ids for elements of its own",
    alter: () => {
      for (const element of document.querySelectorAll("main form [id]")) {
        const other = document.createElement("div");
        other.id = element.id;
        // Before our element, unless it would be between a label and its field.
        if (element.matches("input, .error, .hint")) document.body.append(other);
        else document.body.prepend(other);
      }
    },
  },
  {
    what: "an extension took its summary away",
    alter: () => document.querySelector(".error-summary")?.remove(),
  },
  {
    what: "an extension put a comment where its form begins",
    alter: () => document.querySelector("main form")?.prepend(document.createComment("note")),
    breaks: true,
  },
  {
    what: "a proxy put text where its island begins",
    alter: () => document.querySelector("leptos-island")?.prepend("\n  "),
    breaks: true,
  },
  {
    what: "what its island was given is gone",
    alter: () => document.querySelector("leptos-island")?.removeAttribute("data-props"),
    breaks: true,
  },
];

/** The browser's message when the WebAssembly panics. A debug build adds the missing element. */
const PANIC = /^page error: unreachable$|^console: (panicked at|A hydration error occurred)/;

/** Opens a page and changes it before its WebAssembly is loaded. */
async function openAltered(visitor: Visitor, path: string, alter: () => void, breaks: boolean): Promise<void> {
  const { page } = visitor;
  const wasm = door();
  await page.route(
    "**/*.wasm",
    async (route) => {
      await wasm.opened;
      await route.continue();
    },
    { times: 1 },
  );
  await page.goto(path, { waitUntil: "commit" });
  await page.waitForFunction(() => document.readyState !== "loading");
  await page.evaluate(alter);
  const failure = breaks ? page.waitForEvent("pageerror") : undefined;
  wasm.open();
  await (failure ?? visitor.formIsReady());
}

for (const { what, alter, breaks = false } of ALTERATIONS) {
  test(`N22: the login says what is wrong, and lets in, where ${what}`, async ({ visitor, complaints, person }) => {
    complaints.allow(/^status 401: POST \/api\/auth\/login$/);
    if (breaks) complaints.allow(PANIC);
    const { page } = visitor;
    await visitor.become(person);
    await page.context().clearCookies();
    await openAltered(visitor, "/login", alter, breaks);
    await visitor.fillLogIn({ ...person, password: "not the password" });
    await visitor.logInButton.click();
    await visitor.isTold("Incorrect email or password.");
    await expect(visitor.email).toHaveValue(person.email);

    await visitor.password.fill(person.password);
    await visitor.logInButton.click();
    await visitor.isAt("/account");
  });

  test(`N22: the sign-up says what is wrong, and takes a customer, where ${what}`, async ({
    visitor,
    complaints,
    person,
  }) => {
    if (breaks) complaints.allow(PANIC);
    await openAltered(visitor, "/signup", alter, breaks);
    await visitor.fillSignUp({ ...person, email: "nobody" });
    await visitor.createAccount.click();
    await visitor.isTold("Enter an email address like name@example.com.");
    await expect(visitor.email).toHaveAccessibleDescription("Enter an email address like name@example.com.");
    await expect(visitor.name).toHaveValue(person.name);

    await visitor.fillSignUp(person);
    await visitor.createAccount.click();
    await visitor.isAt("/account");
  });
}

/** Translates the page and everything that is added to it from now on. */
async function keepTranslating(page: Page): Promise<void> {
  await page.evaluate(`(() => {
    const translate = ${translate.toString()};
    const options = { childList: true, characterData: true, subtree: true };
    const observer = new MutationObserver(() => {
      observer.disconnect();
      translate();
      observer.observe(document.body, options);
    });
    translate();
    observer.observe(document.body, options);
  })()`);
}

test("N22: a page that is translated while it is used says what is wrong now", async ({
  visitor,
  complaints,
  person,
}) => {
  complaints.allow(/^status 401: POST \/api\/auth\/login$/);
  const { page } = visitor;
  await visitor.openForm("/login");
  await keepTranslating(page);
  const shown = (text: string) => visitor.main.getByText(text).filter({ visible: true });

  await visitor.logInButton.click();
  await visitor.isTold("Some fields are invalid.", "Enter your email address.", "Enter a password.");

  await visitor.fillLogIn({ email: "nobody", password: "x" });
  await visitor.logInButton.click();
  await visitor.isTold("Enter an email address like name@example.com.");
  await expect(visitor.email).toHaveAccessibleDescription("Enter an email address like name@example.com.");
  await expect(shown("Enter your email address.")).toHaveCount(0);
  await expect(shown("Enter a password.")).toHaveCount(0);

  const answer = door();
  await page.route("/api/auth/login", async (route) => {
    await answer.opened;
    await route.continue();
  });
  await visitor.fillLogIn(person);
  await visitor.logInButton.click();
  await expect(page.getByRole("button", { name: "Logging in…" })).toHaveAttribute("aria-disabled", "true");
  await expect(visitor.alert).toBeHidden();
  answer.open();
  await visitor.isTold("Incorrect email or password.");
  await expect(visitor.logInButton).not.toHaveAttribute("aria-disabled");
  await expect(shown("Enter an email address like name@example.com.")).toHaveCount(0);
});

test("N22: a form whose summary goes while it is used is sent by the browser", async ({ visitor, complaints, person }) => {
  complaints.allow(/^status 401: POST \/api\/auth\/login$/);
  await visitor.openForm("/login");
  await visitor.page.evaluate(() => document.querySelector(".error-summary")?.remove());
  await visitor.fillLogIn(person);
  await visitor.logInButton.click();
  await visitor.isTold("Incorrect email or password.");
  await expect(visitor.email).toHaveValue(person.email);
});

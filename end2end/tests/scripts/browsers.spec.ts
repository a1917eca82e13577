// Browsers with missing or broken features. A script that cannot work there must not affect the rest of the page.
import type { Page } from "@playwright/test";

import { door, expect, test, watch, type Person, type Visitor } from "../support.ts";

/** Runs in the page before its scripts, and again in each following page. */
type Breakage = { what: string; break: () => void };

/** Changes to browser APIs. */
const APIS: Breakage[] = [
  {
    what: "an invalid tag among its languages",
    break: () => Object.defineProperty(navigator, "languages", { get: () => ["en-US@posix", "", undefined, 5] }),
  },
  { what: "no languages", break: () => Object.defineProperty(navigator, "languages", { get: () => undefined }) },
  {
    what: "languages that it does not tell",
    break: () =>
      Object.defineProperty(navigator, "languages", {
        get: () => {
          throw new DOMException("", "SecurityError");
        },
      }),
  },
  { what: "no Intl", break: () => void Reflect.deleteProperty(window, "Intl") },
  {
    what: "no formats",
    break: () => {
      Intl.DateTimeFormat = class {
        constructor() {
          throw new RangeError("no");
        }
      } as unknown as typeof Intl.DateTimeFormat;
    },
  },
  { what: "no BroadcastChannel", break: () => void Reflect.deleteProperty(window, "BroadcastChannel") },
  {
    what: "a BroadcastChannel that is denied",
    break: () => {
      window.BroadcastChannel = class {
        constructor() {
          throw new DOMException("", "SecurityError");
        }
      } as unknown as typeof BroadcastChannel;
    },
  },
  {
    what: "storage that is denied",
    break: () => {
      for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
        Object.defineProperty(window, name, {
          get: () => {
            throw new DOMException("", "SecurityError");
          },
        });
      }
    },
  },
  { what: "no HTMLDialogElement", break: () => void Reflect.deleteProperty(window, "HTMLDialogElement") },
  {
    what: "events without a submitter or keys",
    break: () => {
      Reflect.deleteProperty(SubmitEvent.prototype, "submitter");
      Reflect.deleteProperty(KeyboardEvent.prototype, "getModifierState");
      Reflect.deleteProperty(MouseEvent.prototype, "getModifierState");
    },
  },
];

/** Changes to the page, after it is parsed and before its scripts run. */
const PAGES: Breakage[] = [
  {
    what: "invalid times",
    break: () => {
      for (const time of document.querySelectorAll("time")) time.dateTime = "yesterday";
    },
  },
  {
    what: "times in no known form",
    break: () => {
      for (const time of document.querySelectorAll("time")) time.dataset["shown"] = "constructor";
    },
  },
  { what: "no language of the page", break: () => document.documentElement.removeAttribute("lang") },
  { what: "an invalid language", break: () => (document.documentElement.lang = "x_y@z") },
  {
    what: "ids that are there twice",
    break: () => {
      for (const element of document.querySelectorAll("main [id]")) {
        const other = document.createElement("p");
        other.id = element.id;
        // Before our element, unless it would be between a label and its field.
        if (element.matches("dialog, .error-summary")) document.body.prepend(other);
        else document.body.append(other);
      }
    },
  },
  {
    what: "fields without what is in them",
    break: () => {
      for (const part of document.querySelectorAll(".reveal, .caps-lock, .strength")) part.remove();
    },
  },
  {
    what: "a button to dismiss nothing",
    break: () => document.body.insertAdjacentHTML("beforeend", "<button data-dismiss></button><p class=field></p>"),
  },
];

/** Changes the page as soon as it is parsed. Modules run after that. */
const onceThere = (change: () => void): string => `document.addEventListener("readystatechange", () => {
  if (document.readyState === "interactive") (${change.toString()})();
})`;

async function asksBefore(visitor: Visitor, page: Page): Promise<void> {
  const posts: string[] = [];
  page.on("request", (request) => void (request.method() === "POST" && posts.push(request.url())));
  await page.goto("/account/sessions");
  await page.waitForLoadState();
  const dialog = page.getByRole("dialog", { name: "Sign out all other devices?" });
  await page.getByRole("button", { name: "Sign out all other devices" }).click();
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();
  expect(posts).toEqual([]);
  await page.getByRole("button", { name: "Sign out all other devices" }).click();
  await dialog.getByRole("button", { name: "Sign out other devices" }).click();
  await expect(visitor.toast).toContainText("Signed out. You'll need to log in there again.");
  await expect(visitor.main.getByRole("listitem")).toHaveCount(1);
}

async function isBusyOnce(visitor: Visitor, page: Page, person: Person): Promise<void> {
  const posts: string[] = [];
  const answer = door();
  await page.route("/api/auth/change-password", async (route) => {
    posts.push(route.request().url());
    await answer.opened;
    await route.continue();
  });
  await page.goto("/account/security");
  await page.waitForLoadState();
  await page.getByLabel("Current password", { exact: true }).fill(person.password);
  await page.getByLabel("New password", { exact: true }).fill("four quiet otters");
  const button = await watch(page, "main form button[type=submit]");
  await page.keyboard.press("Enter");
  await expect.poll(() => button.at(-1)).toMatch(/aria-disabled="true".*>Changing your password…<\/button>/);
  answer.open();
  await expect(visitor.toast).toContainText("Your password has been changed");
  expect(posts).toHaveLength(1);
}

const ALL = [...APIS, ...PAGES.map(({ what, break: change }) => ({ what, break: change, there: true }))];

for (const { what, break: change, ...rest } of ALL) {
  const script = "there" in rest ? onceThere(change) : change;

  test(`N23: with ${what}, it is asked first`, async ({ visitor, person }) => {
    await visitor.page.addInitScript(script);
    await visitor.become(person);
    await visitor.logInElsewhere(person);
    await asksBefore(visitor, visitor.page);
  });

  test(`N23: with ${what}, a form is busy and sent once`, async ({ visitor, person }) => {
    await visitor.page.addInitScript(script);
    await visitor.become(person);
    await isBusyOnce(visitor, visitor.page, person);
  });

  test(`N23: with ${what}, a customer signs up and logs out`, async ({ visitor, person }) => {
    await visitor.page.addInitScript(script);
    await visitor.openForm("/signup");
    await visitor.fillSignUp(person);
    await visitor.createAccount.click();
    await visitor.isAt("/account");
    await visitor.logOut();
  });
}

test("N23: a browser that knows no dialogs asks in its own way", async ({ visitor, complaints, person }) => {
  complaints.allow(/^dialog: Sign out all other devices\?$/);
  const { page } = visitor;
  await page.addInitScript(() => void Reflect.deleteProperty(HTMLDialogElement.prototype, "showModal"));
  await visitor.become(person);
  await visitor.logInElsewhere(person);
  await page.goto("/account/sessions");
  const asked = page.waitForEvent("dialog");
  // The complaints fixture dismisses its dialog.
  await page.getByRole("button", { name: "Sign out all other devices" }).click();
  expect((await asked).message()).toBe("Sign out all other devices?");
  await expect(visitor.main.getByRole("listitem")).toHaveCount(2);
  await page.reload();
  await expect(visitor.main.getByRole("listitem")).toHaveCount(2);
});

test("N23: times are told in the page's language where no language of the browser is one", async ({
  visitor,
  person,
}) => {
  const { page } = visitor;
  await page.addInitScript(() =>
    Object.defineProperty(navigator, "languages", { get: () => ["en-US@posix", "id-ID", "en-GB"] }),
  );
  await visitor.become(person);
  await page.goto("/account");
  const time = page.locator("time[data-shown=day]").first();
  const moment = (await time.getAttribute("datetime")) ?? "";
  await expect(time).toHaveText(new Intl.DateTimeFormat("en-GB", { dateStyle: "long" }).format(new Date(moment)));
});

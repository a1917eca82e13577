import { expect, test } from "../support.ts";

const FORMS = {
  day: { dateStyle: "long" },
  minute: { dateStyle: "long", timeStyle: "short" },
} as const;

for (const { locale, timezoneId, shown } of [
  { locale: "en-GB", timezoneId: "Pacific/Kiritimati", shown: "en-GB" },
  { locale: "en-US", timezoneId: "America/New_York", shown: "en-US" },
  { locale: "id-ID", timezoneId: "Asia/Jakarta", shown: "id-ID" },
  // The page is not available in any language of this browser.
  { locale: "de-DE", timezoneId: "Europe/Berlin", shown: "en" },
]) {
  test.describe(`in ${timezoneId}`, () => {
    test.use({ locale, timezoneId });

    test(`times are told as the clock there shows them, in ${shown}`, async ({ visitor, person }) => {
      const { page } = visitor;
      await visitor.become(person);
      await page.goto("/account");
      await page.waitForLoadState();
      for (const [form, options] of Object.entries(FORMS)) {
        const time = page.locator(`time[data-shown=${form}]`).first();
        const moment = (await time.getAttribute("datetime")) ?? "";
        expect(moment).toMatch(/Z$/);
        const words = new Intl.DateTimeFormat(shown, { ...options, timeZone: timezoneId }).format(new Date(moment));
        await expect(time).toHaveText(words);
      }
    });
  });
}

// Signing out in one tab signs out the others: the tab that sends the form says so, and every other one that shows
// somebody asks whether they are still signed in, and goes to the login when they are not.

const channel = new BroadcastChannel("doorstep");

/** When to ask, in milliseconds: the answer to the form may take a while. */
const PAUSES = [100, 300, 1000, 3000];

addEventListener("submit", ({ target }) => {
  if (target.getAttribute("action") === "/api/auth/logout") channel.postMessage("signing out");
});

channel.addEventListener("message", async () => {
  for (const pause of PAUSES) {
    await new Promise((done) => setTimeout(done, pause));
    const { status } = await fetch("/api/auth/profile");
    if (status === 401) {
      const here = location.pathname + location.search;
      location.replace(`/login?next=${encodeURIComponent(here)}`);
      return;
    }
  }
});

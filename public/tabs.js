// Logging out in one tab logs out the others: the tab that sends the form notifies them, and each of them then checks
// whether it is still signed in, and goes to the login page if not.

/** When to check, in milliseconds: the response to the form may take a while. */
const PAUSES = [100, 300, 1000, 3000];

async function isSignedOut() {
  const { status } = await fetch("/api/auth/profile");
  return status === 401;
}

async function check() {
  for (const pause of PAUSES) {
    await new Promise((done) => setTimeout(done, pause));
    // A failed request means that the browser is offline, not that the session has ended.
    if (await isSignedOut().catch(() => false)) {
      const here = location.pathname + location.search;
      location.replace(`/login?next=${encodeURIComponent(here)}`);
      return;
    }
  }
}

// Some browsers have no channels between tabs, or block them on this page. Then other tabs find out at their next
// request.
try {
  const channel = new BroadcastChannel("doorstep");
  channel.addEventListener("message", () => void check());
  addEventListener("submit", ({ target }) => {
    try {
      if (target.getAttribute("action") === "/api/auth/logout") channel.postMessage("signing out");
    } catch (error) {
      console.info(`tabs.js: ${error?.name}`);
    }
  });
} catch (error) {
  console.info(`tabs.js: ${error?.name}`);
}

// The requests, as arguments of `load`.
import { CUSTOMERS } from "./servers.mjs";

export const page = { path: "/login" };
// A page without visitor-specific content is served from the cache. This one never is.
export const renderedPage = { path: "/login?next=/account" };
export const devicesOf = ({ cookies }) => ({ path: "/api/auth/sessions", headers: { Cookie: cookies } });
export const profileOf = ({ cookies }) => ({ path: "/api/auth/profile", headers: { Cookie: cookies } });
export const loginsOf = ({ logins }) => ({ path: "/api/auth/login", bodies: logins, connections: CUSTOMERS });

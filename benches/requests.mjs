// What is asked of servers, as `load` takes it.
import { CUSTOMERS } from "./servers.mjs";

export const page = { path: "/login" };
// Without anything of its visitor on it, a page is sent as it was rendered before. This one never is.
export const renderedPage = { path: "/login?next=/account" };
export const devicesOf = ({ cookies }) => ({ path: "/api/auth/sessions", headers: { Cookie: cookies } });
export const profileOf = ({ cookies }) => ({ path: "/api/auth/profile", headers: { Cookie: cookies } });
export const loginsOf = ({ logins }) => ({ path: "/api/auth/login", bodies: logins, connections: CUSTOMERS });

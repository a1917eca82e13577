// Requests of browsers, through a load balancer in front of the instances.
import { Agent, request as httpRequest } from "node:http";

/** The timeout of a response. The program promises much less, but the machine is shared. */
const PATIENCE_MS = 10_000;

const agents = new Map();
function agentOf({ url }) {
  if (!agents.has(url)) agents.set(url, new Agent({ keepAlive: true, maxSockets: 64 }));
  return agents.get(url);
}

/** The cookies of a browser. */
export class Jar {
  #cookies;

  constructor(cookies = []) {
    this.#cookies = new Map(cookies);
  }

  copy() {
    return new Jar(this.#cookies);
  }

  /** Returns the same browser with the refresh token only. */
  refreshTokenOnly() {
    return new Jar([...this.#cookies].filter(([name]) => name === "refreshToken"));
  }

  get header() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** Returns the session id in the access token. */
  get session() {
    const [, claims] = this.#cookies.get("accessToken").split(".");
    return JSON.parse(Buffer.from(claims, "base64url")).sid;
  }

  take(setCookies) {
    for (const line of setCookies) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      if (/; *max-age=0\b/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}

/** Sends one request to one instance. Status 0: no answer. Then `refused` is true if nothing was sent. */
export function ask(instance, { method, path, body, jar }) {
  return new Promise((done) => {
    const headers = { "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0" };
    if (jar?.header) headers.Cookie = jar.header;
    // An undefined body becomes an empty object.
    const text = method === "POST" ? JSON.stringify(body ?? {}) : undefined;
    if (text) Object.assign(headers, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
    const by = instance.name;
    const failed = (error) => {
      const silent = error.code === "SILENT";
      done({ status: 0, body: error.message, refused: error.code === "ECONNREFUSED", silent, by });
    };
    const request = httpRequest(instance.url + path, { method, headers, agent: agentOf(instance) });
    const timer = setTimeout(() => {
      request.destroy(Object.assign(new Error(`nothing within ${PATIENCE_MS / 1000} s`), { code: "SILENT" }));
    }, PATIENCE_MS);
    request.on("close", () => clearTimeout(timer));
    request.on("error", failed);
    request.on("response", async (response) => {
      try {
        const content = Buffer.concat(await response.toArray()).toString();
        jar?.take(response.headersDistinct["set-cookie"] ?? []);
        done({ status: response.statusCode, body: content, id: response.headers["x-request-id"], by });
      } catch (error) {
        failed(error);
      }
    });
    request.end(text);
  });
}

/** A load balancer: uses the instances in turn, and the next one if a connection is refused. */
export class Balancer {
  #turn = 0;

  constructor(instances) {
    this.instances = instances;
  }

  /**
   * @param retryCut true if a request whose connection was closed without an answer is retried too
   * @returns the response; `tried` has the previous attempts without a response
   */
  async ask(request, { retryCut }) {
    const tried = [];
    const first = this.#turn++;
    for (let i = 0; i < this.instances.length; i++) {
      const answer = await ask(this.instances[(first + i) % this.instances.length], request);
      const again = answer.refused || (retryCut && answer.status === 0 && !answer.silent);
      if (!again || i === this.instances.length - 1) return { ...answer, tried };
      tried.push(answer);
    }
  }
}

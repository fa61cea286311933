// A client of drilld's HTTP API, for the demo and its bots.

export class ApiError extends Error {
  constructor(what, status, problem) {
    super(`${what}: ${status} ${problem?.detail ?? problem?.title ?? ""}`.trim());
    this.status = status;
  }
}

/** Speaks as whoever the token or the session belongs to. */
export class Api {
  #headers = {};

  constructor(url, token) {
    this.url = url.replace(/\/$/, "");
    if (token) this.#headers = { authorization: `Bearer ${token}` };
  }

  async #send(method, path, body) {
    const answer = await fetch(this.url + path, {
      method,
      headers: { ...this.#headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(10000),
    });
    const text = await answer.text();
    let json = null;
    try {
      json = text === "" ? null : JSON.parse(text);
    } catch {
      throw new ApiError(`${method} ${path}`, answer.status, { detail: "the answer is not JSON" });
    }
    if (!answer.ok) throw new ApiError(`${method} ${path}`, answer.status, json);
    return { json, answer };
  }

  get = async (path) => (await this.#send("GET", path)).json;
  post = async (path, body = {}) => (await this.#send("POST", path, body)).json;

  async signIn(account, password) {
    const { json, answer } = await this.#send("POST", "/api/v1/session", { account, password });
    // Debian 12's node has no getSetCookie(): several come as one line, comma between
    const cookies = (answer.headers.get("set-cookie") ?? "").split(/,\s*(?=[^;,\s]+=)/);
    const cookie = cookies.map((line) => line.split(";")[0]).join("; ");
    this.#headers = { cookie, "x-csrf-token": json.csrf };
    return json;
  }

  board = () => this.get("/api/v1/board");
  submit = (flags) => this.post("/api/v1/flags", flags);
  clock = (action, reason) => this.post("/api/v1/clock", { action, reason });
  newPassword = async (id) => (await this.post(`/api/v1/accounts/${id}/password`)).password;
  newToken = async (id) => (await this.post(`/api/v1/accounts/${id}/token`)).token;
}

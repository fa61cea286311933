// Sessions at their edges: one that ends while a request that came with it still waits for its body, one that is
// signed in anew; and an order to the clock that the journal could not hold.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { after, before, test } from "node:test";
import { startDrill } from "./lib.mjs";

let drill;

before(async () => (drill = await startDrill()));
after(() => drill?.close());

/** Sends a chunked request's head; finish(trailers) sends the rest and returns the whole answer. */
async function hold(method, path, headers) {
  const { hostname, port } = new URL(drill.url);
  const socket = net.connect(Number(port), hostname);
  const lines = Object.entries({ host: "drill", connection: "close", "transfer-encoding": "chunked", ...headers });
  let text = "";
  socket.setEncoding("utf8").on("data", (part) => (text += part));
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.map(([k, v]) => `${k}: ${v}\r\n`).join("")}\r\n`);
  await drill.health(); // the loop has been round since
  return async (trailers = "") => {
    const closed = once(socket, "close");
    socket.write(`0\r\n${trailers}\r\n`);
    await closed;
    return text;
  };
}

const signOut = ({ cookie, csrf }) =>
  drill.call("DELETE", "/api/v1/session", { headers: { cookie, "x-csrf-token": csrf } });

test("a session that ends while a request's body is on its way no longer counts", async () => {
  const session = await drill.signIn("admin", drill.adminPassword);
  const headers = { cookie: session.cookie, "x-csrf-token": session.csrf };
  const finishGet = await hold("GET", "/api/v1/session", headers);
  const finishDelete = await hold("DELETE", "/api/v1/session", headers);
  assert.equal((await signOut(session)).status, 204);
  assert.match(await finishGet(), /^HTTP\/1\.1 401 /);
  assert.match(await finishDelete(), /^HTTP\/1\.1 401 /);
  assert.equal((await drill.health()).status, "ok");
});

test("trailers neither replace nor move the headers that a request came with", async () => {
  const session = await drill.signIn("admin", drill.adminPassword);
  const finish = await hold("GET", "/api/v1/session", { cookie: session.cookie });
  const answer = await finish(`If-None-Match: ${"x".repeat(3000)}\r\nCookie: drill_session=none\r\nAuthorization: Bearer none\r\n`);
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.equal(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n"))).csrf, session.csrf);
});

test("a request without a session is not asked who it is again", async () => {
  const finish = await hold("GET", "/api/v1/session", { authorization: `Bearer ${drill.tokens.director}` });
  assert.match(await finish(), /^HTTP\/1\.1 200 [^]*"account":"director"/);
});

test("whoever still has a session can sign in again without its token, and nothing else", async () => {
  const { cookie } = await drill.signIn("admin", drill.adminPassword);
  const body = { account: "admin", password: drill.adminPassword };
  assert.equal((await drill.call("POST", "/api/v1/session", { body, headers: { cookie } })).status, 200);
  assert.equal((await drill.call("POST", "/api/v1/accounts/judge/token", { headers: { cookie } })).status, 403);
  assert.equal((await drill.call("DELETE", "/api/v1/session", { headers: { cookie } })).status, 403);
});

test("the drill cannot be told to stop after a tick that does not exist", async () => {
  assert.equal((await drill.clock("stop_after")).status, 400);
  assert.equal((await drill.clock("stop_after", { tick: -1 })).status, 400);
  assert.equal(await drill.stop(), 0);
  await drill.restart();
  assert.equal((await drill.board()).drill.last_tick, 59);
});

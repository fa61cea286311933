// How the server says no: signing in, sessions, accounts, paths, methods, problem documents. Who may do what: roles.test.mjs.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { request, startDrill, until } from "./lib.mjs";

let drill;
before(async () => (drill = await startDrill({ departments: 2 })));
after(() => drill?.close());

function assertProblem(answer, status) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers["content-type"], "application/problem+json");
  assert.deepEqual(Object.keys(answer.json).sort(), ["detail", "status", "title", "type"]);
  assert.equal(answer.json.status, status);
  assert.equal(answer.json.type, "about:blank");
  assert.ok(answer.json.title.length > 0 && answer.json.detail.length > 0);
}

const login = (account, password, url = drill.url) => request(url, "POST", "/api/v1/session", { body: { account, password } });

describe("signing in", () => {
  test("tells account, role, team and csrf, and sets a cookie that scripts and other sites cannot use", async () => {
    const answer = await login("dept-1-blue", await drill.newPassword("dept-1-blue"));
    assert.equal(answer.status, 200);
    const { csrf, ...who } = answer.json;
    assert.deepEqual(who, { account: "dept-1-blue", role: "blue", team: "dept-1" });
    assert.match(csrf, /^[\w-]{43}$/);
    const [cookie, ...more] = answer.headers["set-cookie"];
    assert.deepEqual(more, []);
    const parts = cookie.split("; ");
    assert.match(parts[0], /^drill_session=[\w-]{43}$/);
    assert.deepEqual(parts.slice(1).sort(), ["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Strict"]);
    const me = await drill.call("GET", "/api/v1/session", { headers: { cookie: parts[0] } });
    assert.deepEqual(me.json, { ...who, csrf });
  });

  test("a wrong password and an unknown account are refused with the same words", async () => {
    await drill.newPassword("judge");
    const wrong = await login("judge", "wrong"), unknown = await login("nobody-here", "wrong");
    assertProblem(wrong, 401);
    assertProblem(unknown, 401);
    assert.deepEqual(wrong.json, unknown.json);
    assert.equal(wrong.headers["www-authenticate"], "Bearer");
    assert.equal(wrong.headers["set-cookie"], undefined);
  });

  test("a body that is not {account, password} is a 400 that says what is wrong", async () => {
    for (const body of ["", "{", "[]", "1", {}, { account: "admin" }, { account: 1, password: "x" }, { account: "admin", password: "x", extra: 1 }])
      assertProblem(await drill.call("POST", "/api/v1/session", { body }), 400);
  });

  test("a password longer than any is refused before it is hashed", async () => {
    assertProblem(await login("admin", "x".repeat(300)), 413);
  });

  test("a session needs its CSRF token to change anything, and only then", async () => {
    const { cookie, csrf } = await drill.signIn("admin", drill.adminPassword);
    const post = (headers) => drill.call("POST", "/api/v1/accounts/leader/token", { headers: { cookie, ...headers } });
    assertProblem(await post({}), 403);
    assertProblem(await post({ "x-csrf-token": "" }), 403);
    assertProblem(await post({ "x-csrf-token": csrf.slice(0, -1) + (csrf.endsWith("A") ? "B" : "A") }), 403);
    assert.equal((await drill.call("GET", "/api/v1/accounts", { headers: { cookie } })).status, 200);
    const made = await post({ "x-csrf-token": csrf });
    assert.equal(made.status, 200);
    drill.tokens.leader = made.json.token;
  });

  test("another session's CSRF token does not do", async () => {
    const one = await drill.signIn("admin", drill.adminPassword), two = await drill.signIn("admin", drill.adminPassword);
    const answer = await drill.call("POST", "/api/v1/clock", { body: { action: "start" }, headers: { cookie: one.cookie, "x-csrf-token": two.csrf } });
    assertProblem(answer, 403);
  });

  test("signing out ends the session and takes the cookie back", async () => {
    const { cookie, csrf } = await drill.signIn("admin", drill.adminPassword);
    const out = await drill.call("DELETE", "/api/v1/session", { headers: { cookie, "x-csrf-token": csrf } });
    assert.equal(out.status, 204);
    assert.equal(out.text, "");
    assert.match(out.headers["set-cookie"][0], /^drill_session=; .*Max-Age=0/);
    assertProblem(await drill.call("GET", "/api/v1/session", { headers: { cookie } }), 401);
  });

  test("a session that ends while a request's body is under way is over for that request, too", async () => {
    for (const method of ["GET", "DELETE"]) {
      const { cookie, csrf } = await drill.signIn("admin", drill.adminPassword);
      const { hostname: host, port } = new URL(drill.url);
      const slow = http.request({ host, port, method, path: "/api/v1/session", headers: { cookie, "x-csrf-token": csrf, "transfer-encoding": "chunked" } });
      const answered = once(slow, "response");
      slow.flushHeaders();
      await until(async () => (await drill.call("DELETE", "/api/v1/session", { headers: { cookie, "x-csrf-token": csrf } })).status === 401, "the session has ended");
      slow.end();
      const [answer] = await answered;
      answer.resume();
      assert.equal(answer.statusCode, 401);
    }
  });

  test("a token is no session that could be signed out", async () => {
    assertProblem(await drill.as("judge", "DELETE", "/api/v1/session"), 409);
  });

  test("a new password ends the account's sessions, a new token voids the old one", async () => {
    const { cookie } = await drill.signIn("judge", await drill.newPassword("judge"));
    const old = drill.tokens.judge;
    await drill.newPassword("judge");
    assertProblem(await drill.call("GET", "/api/v1/session", { headers: { cookie } }), 401);
    drill.tokens.judge = (await drill.as("admin", "POST", "/api/v1/accounts/judge/token")).json.token;
    assertProblem(await drill.call("GET", "/api/v1/session", { token: old }), 401);
    assert.equal((await drill.as("judge", "GET", "/api/v1/session")).json.account, "judge");
  });

  test("a made-up cookie or token is nobody", async () => {
    for (const headers of [{ cookie: `drill_session=${"A".repeat(43)}` }, { cookie: "drill_session=" }, { cookie: "; ;=;drill_session" }, { authorization: "Bearer x" }, { authorization: "Bearer " }, { authorization: "Basic YWRtaW46eA==" }])
      assertProblem(await drill.call("GET", "/api/v1/session", { headers }), 401);
  });
});

describe("the brake on guessing", () => {
  /** One more wrong password, and while it is being looked at, another attempt: hashing may take longer than the wait. */
  async function wrongThen(own, account, attempt) {
    let wrong;
    await new Promise((onSent) => {
      wrong = request(own.url, "POST", "/api/v1/session", { body: { account, password: "wrong" }, onSent });
    });
    const answers = await Promise.all([wrong, attempt()]);
    assertProblem(answers[0], 401);
    return answers[1];
  }
  const waits = (answer) => {
    assertProblem(answer, 429);
    assert.match(answer.headers["retry-after"], /^[12]$/);
  };

  test("five wrong passwords make an account wait, from every address and with the right password, too", async () => {
    const own = await startDrill({ departments: 1 });
    try {
      for (let i = 0; i < 4; i++) assertProblem(await login("admin", "wrong", own.url), 401);
      waits(await wrongThen(own, "admin", () => login("admin", own.adminPassword, own.url)));
      const answer = await until(async () => {
        const again = await login("admin", own.adminPassword, own.url);
        return again.status !== 429 && again;
      }, "the brake lets go");
      assert.equal(answer.status, 200);
      for (let i = 0; i < 4; i++) assertProblem(await login("admin", "wrong", own.url), 401);
      assert.equal((await login("admin", own.adminPassword, own.url)).status, 200, "success has cleared the count");
    } finally {
      await own.close();
    }
  });

  test("five wrong passwords for different accounts make the address wait", async () => {
    const own = await startDrill({ departments: 1, tokens: false });
    try {
      for (const account of ["judge", "leader", "director", "nobody", "red-1"]) assertProblem(await login(account, "wrong", own.url), 401);
      // A second is over soon on a busy machine; with each further wrong one the wait doubles.
      const braked = await until(async () => {
        const answer = await login("dept-1-blue", "wrong", own.url);
        return answer.status !== 401 && answer;
      }, "the brake");
      assertProblem(braked, 429);
      assert.match(braked.headers["retry-after"], /^[1-9]\d*$/);
    } finally {
      await own.close();
    }
  });

  test("many people behind one address sign in at once", async () => {
    const own = await startDrill({ departments: 12 });
    try {
      const names = Array.from({ length: 12 }, (_, i) => `dept-${i + 1}-blue`);
      const passwords = await Promise.all(names.map((n) => own.newPassword(n)));
      const answers = await Promise.all(names.map((n, i) => login(n, passwords[i], own.url)));
      assert.deepEqual(answers.map((a) => a.status), names.map(() => 200));
    } finally {
      await own.close();
    }
  });

  test("many attempts at once cannot outrun it", async () => {
    const own = await startDrill({ departments: 1, tokens: false });
    try {
      const began = Date.now();
      const answers = await Promise.all(Array.from({ length: 30 }, () => login("admin", "wrong", own.url)));
      const seconds = Math.floor((Date.now() - began) / 1000); // each lets one more in, at most
      const [wrong, braked] = [401, 429].map((status) => answers.filter((a) => a.status === status).length);
      assert.ok(wrong >= 5 && wrong <= 5 + seconds, `${wrong} were looked at in ${seconds} s`);
      assert.equal(wrong + braked, 30);
    } finally {
      await own.close();
    }
  });
});

describe("what is read", () => {
  test("a department reads its own systems with messages and nobody else's", async () => {
    const own = (await drill.as("dept-1-blue", "GET", "/api/v1/systems")).json;
    assert.deepEqual(own.map((s) => s.id), ["dept-1-notes"]);
    assert.ok("message" in own[0] && !("trace" in own[0]));
    const every = (await drill.as("judge", "GET", "/api/v1/systems")).json;
    assert.deepEqual(every.map((s) => s.id).sort(), ["dept-1-notes", "dept-2-notes"]);
    assert.ok(every.every((s) => "message" in s && "trace" in s));
  });

  test("no secret is in what the admin reads of accounts", async () => {
    for (const account of (await drill.as("admin", "GET", "/api/v1/accounts")).json)
      assert.deepEqual(Object.keys(account).sort(), ["has_password", "has_token", "id", "role", "team"]);
  });
});

describe("accounts", () => {
  const post = (body) => drill.as("admin", "POST", "/api/v1/accounts", { body });

  test("a new one is created once, signs in with the password it is given, and cannot be of the wrong side", async () => {
    const made = await post({ id: "judge-2", role: "judge" });
    assert.equal(made.status, 201);
    assert.deepEqual(made.json, { id: "judge-2", role: "judge", team: null, has_password: false, has_token: false });
    assertProblem(await post({ id: "judge-2", role: "judge" }), 409);
    assert.equal((await drill.signIn("judge-2", await drill.newPassword("judge-2"))).role, "judge");
    assertProblem(await post({ id: "b", role: "blue" }), 400);
    assertProblem(await post({ id: "b", role: "blue", team: "red-1" }), 400);
    assertProblem(await post({ id: "b", role: "judge", team: "dept-1" }), 400);
    for (const bad of [{}, { id: "B", role: "judge" }, { id: "b", role: "public" }, { id: "b", role: "king" }, { id: "", role: "judge" }, { id: "clock", role: "director" }, [], "null"])
      assertProblem(await post(bad), 400);
  });
});

describe("paths and methods", () => {
  test("an unknown path under /api is a 404", async () => {
    for (const path of ["/api/v1/", "/api/v1/nothing", "/api/v1/board/", "/api/v1/accounts//token", "/api/v1/accounts/a/b/token", "/api", "/api/v2/board", "/nothing.js"])
      assertProblem(await drill.as("admin", "GET", path), 404);
  });

  test("a wrong method is a 405 that names the right ones", async () => {
    for (const [method, path, allow] of [["POST", "/api/v1/board", ["GET"]], ["DELETE", "/api/v1/flags", ["POST"]], ["PUT", "/api/v1/session", ["DELETE", "GET", "POST"]], ["DELETE", "/api/v1/accounts", ["GET", "POST"]], ["POST", "/flags/", ["PUT"]], ["POST", "/api/v1/judging/drift", ["GET"]]]) {
      const answer = await drill.as("admin", method, path, { body: "" });
      assertProblem(answer, 405);
      const named = answer.headers.allow.split(/, */).filter((m) => m !== "HEAD").sort();
      assert.deepEqual(named, allow, `${method} ${path}`);
    }
  });

  test("HEAD is GET without the body", async () => {
    const head = await drill.call("HEAD", "/api/v1/health"), get = await drill.call("GET", "/api/v1/health");
    assert.equal(head.status, 200);
    assert.equal(head.text, "");
    assert.equal(head.headers["content-type"], get.headers["content-type"]);
  });

  test("a path that is no path is refused and the server stays well", async () => {
    for (const path of ["/../etc/passwd", "/%2e%2e/etc/passwd", "/api/v1/%00", "/%ff", "/%zz", `/${"a".repeat(2000)}`, `/${"a".repeat(9000)}`, "/api/v1/accounts/%2F/token"]) {
      const answer = await drill.call("GET", path);
      assert.ok([400, 404, 405, 414, 431].includes(answer.status), `${path.slice(0, 40)}: ${answer.status}`);
    }
    assert.equal((await drill.health()).status, "ok");
  });

  test("an answer carries the headers that keep browsers safe", async () => {
    const { headers } = await drill.call("GET", "/api/v1/board");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.match(headers["content-security-policy"], /default-src 'none'/);
    assert.equal(headers["cache-control"], "no-store");
  });
});

test("a board that is not public is for whoever has signed in", async () => {
  const own = await startDrill({ departments: 1, publicBoard: false });
  try {
    assertProblem(await own.call("GET", "/api/v1/board"), 401);
    await assert.rejects(own.live(), (e) => e.status === 401);
    await assert.rejects(own.live(0), (e) => e.status === 401);
    for (const account of ["dept-1-blue", "red-1", "judge"]) {
      assert.equal((await own.as(account, "GET", "/api/v1/board")).status, 200);
      const live = await own.live(undefined, { account });
      await live.until((l) => l.snapshot);
      live.close();
    }
    assert.equal((await own.call("GET", "/api/v1/health")).status, 200);
  } finally {
    await own.close();
  }
});

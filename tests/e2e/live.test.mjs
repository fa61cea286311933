// The live board over WebSocket: snapshot, deltas, resuming, who sees what, and frames that no client should send.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, describe, test } from "node:test";
import { drillctl, startDrill, until } from "./lib.mjs";
import { BINARY, CLOSE, frame, PING, PONG, Refused, TEXT } from "./websocket.mjs";

let drill;
before(async () => {
  drill = await startDrill({ departments: 2, reds: [["red-1"]], tick: 2000, ticks: 600, timeoutMs: 2000 });
  drill.system("dept-2-notes").mode = "broken";
  await drill.start();
});
after(() => drill?.close());

/** Everything that is public in the journal between two events, as kinds by seq. */
async function published(after, upto) {
  return (await drill.events()).filter((e) => e.seq > after && e.seq <= upto && !/^(drill\.opened|account\.)/.test(e.kind)).map((e) => [e.seq, e.kind]);
}
/**
 * The deltas after what the client had. A frame holds a whole commit, so its first ones may be in the snapshot, or the
 * client's, already: a client ignores them, as the page does.
 */
const seqs = (live, had = live.snapshot.seq) => live.deltas.filter((d) => d.seq > had).map((d) => [d.seq, d.kind]);

describe("snapshot and deltas", { concurrency: true }, () => {
  test("without since it begins with a snapshot, and the deltas go on from its seq without a gap", async () => {
    const live = await drill.live();
    await live.delta((d) => d.kind === "checkpoint");
    assert.equal(live.frames[0].type, "snapshot");
    assert.equal(live.frames.filter((f) => f.type === "snapshot").length, 1);
    const upto = live.deltas.at(-1).seq;
    assert.deepEqual(seqs(live), await published(live.snapshot.seq, upto));
    live.close();
  });

  test("the snapshot is the board", async () => {
    const live = await drill.live(undefined, { account: "admin" });
    const { drill: one, ...snapshot } = await live.until((l) => l.snapshot);
    const board = await drill.board();
    assert.deepEqual(Object.keys(snapshot), Object.keys(board).filter((k) => k !== "drill"));
    assert.deepEqual(Object.keys(one), Object.keys(board.drill));
    live.close();
  });

  test("with since it resumes with exactly what was missed and no snapshot", async () => {
    const first = await drill.live();
    await first.delta((d) => d.kind === "tick.closed");
    const { seq } = first.frames.at(-1).deltas.at(-1);
    await first.close();
    await drill.untilTick((await drill.board()).drill.tick + 1);
    const again = await drill.live(seq);
    await again.until((l) => l.deltas.some((d) => d.kind === "tick.closed"));
    assert.equal(again.snapshot, undefined);
    assert.deepEqual(again.deltas.map((d) => [d.seq, d.kind]), await published(seq, again.deltas.at(-1).seq));
    again.close();
  });

  test("a since within a commit's frame loses nothing: the frame comes again", async () => {
    const first = await drill.live();
    const { deltas: [{ seq }] } = await first.until((l) => l.frames.find((f) => f.deltas?.length > 1));
    const again = await drill.live(seq);
    await again.delta((d) => d.kind === "checkpoint" && d.seq > seq + 2);
    assert.equal(again.snapshot, undefined);
    assert.deepEqual(seqs(again, seq), await published(seq, again.deltas.at(-1).seq));
    first.close();
    again.close();
  });

  test("a since that the server has never given, or no longer has, begins with a snapshot", async () => {
    for (const since of [0, 1, 999999999]) {
      const live = await drill.live(since);
      await live.delta((d) => d.kind === "tick.closed");
      assert.equal(live.frames[0].type, "snapshot", `since=${since}`);
      assert.deepEqual(seqs(live), await published(live.snapshot.seq, live.deltas.at(-1).seq), `since=${since}`);
      live.close();
    }
  });

  test("a since that is no number is refused before the upgrade", async () => {
    for (const since of ["", "x", "-1", "1.5", "1x", "99999999999999999999999", "1&since=2"])
      await assert.rejects(drill.live(since), (e) => e instanceof Refused && e.status === 400, `since=${since}`);
  });

  test("a captured flag is told at once, its points when the tick has closed", async () => {
    const live = await drill.live();
    await live.until((l) => l.snapshot);
    const { tick } = (await drill.board()).drill;
    const { flag } = await drill.flag("dept-1-notes", tick);
    assert.equal((await drill.submit("red-1", [flag])).json[0].verdict, "ok");
    const told = await live.delta((d) => d.kind === "flag.captured");
    assert.deepEqual([told.team, told.system], ["red-1", "dept-1-notes"]);
    const closed = await live.delta((d) => d.kind === "tick.closed" && d.seq > told.seq);
    assert.ok(closed.ranking.find((r) => r.team === "red-1").attack > 0);
    assert.ok(!JSON.stringify(live.frames).includes(flag), "the flag itself is told to nobody");
    live.close();
  });
});

describe("who sees what", { concurrency: true }, () => {
  const AUDIENCES = { public: undefined, own: "dept-2-blue", other: "dept-1-blue", red: "red-1", judge: "judge", director: "director", leader: "leader", admin: "admin" };
  const mayMessage = new Set(["own", "judge", "director", "leader", "admin"]), mayTrace = new Set(["judge", "director", "leader", "admin"]);

  for (const [name, account] of Object.entries(AUDIENCES))
    test(`of department 2's check ${name} sees ${mayTrace.has(name) ? "message and trace" : mayMessage.has(name) ? "the message" : "only the status"}, live, in the snapshot and on the board`, async () => {
      const live = await drill.live(undefined, { account });
      const told = await live.delta((d) => d.kind === "check.done" && d.system === "dept-2-notes");
      const shown = [live.snapshot, (await drill.as(account, "GET", "/api/v1/board")).json].map((b) => b.systems.find((s) => s.id === "dept-2-notes"));
      for (const at of [told, ...shown]) {
        assert.equal("message" in at, mayMessage.has(name), JSON.stringify(at));
        assert.equal("trace" in at, mayTrace.has(name), JSON.stringify(at));
      }
      assert.equal(told.status, "mumble");
      if (mayMessage.has(name)) assert.match(told.message, /keep/);
      if (!mayMessage.has(name)) assert.ok(!JSON.stringify(live.frames).includes(`"trace"`));
      live.close();
    });

  test("what was missed is as redacted as what is live", async () => {
    const { seq } = await drill.board();
    await drill.untilBoard((b) => b.drill.tick >= 1 && b.seq > seq + 6, "events to miss");
    for (const [account, sees] of [[undefined, []], ["dept-1-blue", ["dept-1-notes"]], ["dept-2-blue", ["dept-2-notes"]], ["judge", ["dept-1-notes", "dept-2-notes"]]]) {
      const live = await drill.live(seq, { account });
      await live.until((l) => new Set(l.deltas.filter((d) => d.kind === "check.done").map((d) => d.system)).size === 2);
      const messages = live.deltas.filter((d) => "message" in d).map((d) => d.system);
      assert.deepEqual([...new Set(messages)].sort(), sees);
      assert.equal(live.deltas.some((d) => "trace" in d), account === "judge");
      live.close();
    }
  });
});

// After the others: a new password closes what that account has open.
describe("a cookie's live connection", () => {
  test("a session's cookie is as good as a token, a wrong token is the public", async () => {
    const { cookie } = await drill.signIn("dept-2-blue", await drill.newPassword("dept-2-blue"));
    for (const [headers, sees] of [[{ cookie }, true], [{ authorization: "Bearer nonsense" }, false]]) {
      const live = await drill.live(undefined, { headers });
      const board = await live.until((l) => l.snapshot);
      assert.equal("message" in board.systems.find((s) => s.id === "dept-2-notes"), sees);
      live.close();
    }
  });

  test("is closed when its account signs out or gets a new password, and comes back as the public", async () => {
    const signOut = async ({ cookie, csrf }) => drill.call("DELETE", "/api/v1/session", { headers: { cookie, "x-csrf-token": csrf } });
    for (const end of [signOut, () => drill.newPassword("dept-2-blue")]) {
      const session = await drill.signIn("dept-2-blue", await drill.newPassword("dept-2-blue"));
      const live = await drill.live(undefined, { headers: { cookie: session.cookie } });
      await live.until((l) => l.snapshot);
      await end(session);
      assert.equal(await live.closed, 1013);
      const again = await drill.live(undefined, { headers: { cookie: session.cookie } });
      const board = await again.until((l) => l.snapshot);
      assert.ok(!("message" in board.systems.find((s) => s.id === "dept-2-notes")));
      again.close();
    }
  });
});

describe("a hostile client", () => {
  const hostile = {
    "an unmasked frame": [frame(TEXT, "hello", { mask: false })],
    "reserved bits": [frame(TEXT, "hello", { rsv: 4 })],
    "an unknown opcode": [frame(3, "x")],
    "an unknown control opcode": [frame(11, "x")],
    "a ping in two parts": [frame(PING, "x", { fin: false })],
    "a ping that is too long": [frame(PING, "x".repeat(126))],
    "a continuation of nothing": [frame(0, "x")],
    "a text within a text": [frame(TEXT, "x", { fin: false }), frame(TEXT, "y")],
    "text that is not UTF-8": [frame(TEXT, Buffer.from([0xff, 0xfe]))],
    "an exabyte announced": [frame(BINARY, "the first bytes", { length: 0x7fffffffffff })],
    "a negative length": [Buffer.from([0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4])],
    "a megabyte of text": [frame(TEXT, "x".repeat(1024 * 1024))],
    "a close without a reason's second byte": [frame(CLOSE, "x")],
    "a close with a reserved code": [frame(CLOSE, Buffer.from([0x03, 0xed]))],
    "a thousand pongs nobody asked for, then garbage": [...Array(1000).fill(frame(PONG, "x")), Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919) % 256))],
  };
  for (const [name, frames] of Object.entries(hostile))
    test(`${name} closes that client and nobody else`, async () => {
      const decent = await drill.live(), live = await drill.live();
      for (const data of frames) live.send(data);
      const code = await Promise.race([live.closed, until(() => live.isClosed, "closed by the server")]);
      assert.ok(code === true || [1002, 1003, 1007, 1008, 1009, 1000, 1005, undefined].includes(live.closeCode), `code ${live.closeCode}`);
      decent.send(frame(PING, "still there"));
      await decent.until((l) => l.pong === "still there");
      decent.close();
    });

  test("a ping is answered by its pong", async () => {
    const live = await drill.live();
    live.send(frame(PING, "are you there"));
    await live.until((l) => l.pong === "are you there");
    live.close();
  });

  test("a ping flood from one that does not read leaves others their board", async () => {
    const { port } = new URL(drill.url);
    const socket = net.connect(port, "127.0.0.1").on("error", () => {});
    socket.write(`GET /api/v1/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`);
    const ping = frame(PING, "x".repeat(100));
    for (let i = 0; i < 20000; i++) socket.write(ping);
    const live = await drill.live();
    await live.delta((d) => d.kind === "tick.closed");
    live.close();
    socket.destroy();
  });

  test("clients that leave before their answer leave nothing behind", async () => {
    const { port } = new URL(drill.url);
    const login = JSON.stringify({ account: "admin", password: drill.adminPassword });
    const flags = JSON.stringify(drill.flags().slice(0, 100).map((f) => f.flag));
    const requests = [
      `POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: ${login.length}\r\n\r\n${login}`,
      `POST /api/v1/accounts/leader/password HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${drill.tokens.admin}\r\nContent-Length: 0\r\n\r\n`,
      `POST /api/v1/flags HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${drill.tokens["red-1"]}\r\nContent-Length: ${flags.length}\r\n\r\n${flags}`,
      `POST /api/v1/flags HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${drill.tokens["red-1"]}\r\nContent-Length: ${flags.length}\r\n\r\n[`,
    ];
    await Promise.all(Array.from({ length: 40 }, (_, i) => new Promise((resolve) => {
      const socket = net.connect(port, "127.0.0.1", () => socket.write(requests[i % requests.length], () => socket.resetAndDestroy?.() ?? socket.destroy()));
      socket.on("error", () => {}).on("close", resolve);
    })));
    // attempts under way count as wrong ones until they are known to be right
    await until(() => drill.signIn("admin", drill.adminPassword).catch((e) => assert.match(e.message, /429/)), "a decent client signs in");
  });

  test("requests in one go on one connection are answered in their order", async () => {
    const { port } = new URL(drill.url);
    const bodies = Array.from({ length: 50 }, (_, i) => JSON.stringify([`DRILL{${i}}`]));
    const socket = net.connect(port, "127.0.0.1");
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk) => (text += chunk));
    socket.write(bodies.map((body) => `POST /api/v1/flags HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${drill.tokens["red-1"]}\r\nContent-Length: ${body.length}\r\n\r\n${body}`).join(""));
    const answered = () => [...text.matchAll(/"flag":"DRILL\{(\d+)\}"/g)].map((m) => Number(m[1]));
    await until(() => answered().length === 50, () => `50 answers\n${text.slice(-300)}`);
    assert.deepEqual(answered(), bodies.map((_, i) => i));
    socket.destroy();
  });

  test("a handshake that is none is refused", async () => {
    const tries = [{ "sec-websocket-version": "12" }, { "sec-websocket-key": "short" }, { "sec-websocket-key": "" }];
    for (const headers of tries) await assert.rejects(drill.live(undefined, { headers }), (e) => e.status === 400 || e.status === 426, JSON.stringify(headers));
    const plain = await drill.call("GET", "/api/v1/live");
    assert.ok([400, 404, 426].includes(plain.status), `${plain.status}`);
  });

  test("garbage instead of HTTP never stops the server", async () => {
    const { port } = new URL(drill.url);
    const garbage = [Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 104729) % 256)), "\r\n\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", `GET / HTTP/1.1\r\n${"A: b\r\n".repeat(5000)}\r\n`, `GET / HTTP/1.1\r\nHost: ${"x".repeat(100000)}\r\n\r\n`,
      "POST /api/v1/flags HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "POST /api/v1/flags HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\xff".repeat(500), Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]), "\0".repeat(10000)];
    for (const data of garbage)
      await new Promise((resolve) => {
        const socket = net.connect(port, "127.0.0.1", () => socket.end(data));
        socket.on("error", () => {}).on("close", resolve).resume();
        socket.setTimeout(3000, () => socket.destroy());
      });
    const health = await drill.health();
    assert.equal(health.status, "ok");
  });
});

test("when the server stops, clients are told that it goes away, and the journal holds all they saw", async () => {
  const live = await drill.live();
  await live.delta((d) => d.kind === "tick.closed");
  assert.equal(await drill.stop(), 0, drill.output);
  assert.equal(await live.closed, 1001);
  assert.deepEqual(seqs(live), await published(live.snapshot.seq, live.deltas.at(-1).seq));
  const verified = await drillctl("verify", drill.data);
  assert.equal(verified.code, 0, verified.output);
});

// Flags by both HTTP protocols: the verdicts in their exact words, who may send them, and input that is no list of flags.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { drillctl, startDrill } from "./lib.mjs";

const TICKS_VALID = 2;
let drill;
before(async () => {
  drill = await startDrill({ departments: 3, reds: [["red-1", "dept-3"], ["red-2"], ["red-3"]], flagTicks: TICKS_VALID, tick: 3000, timeoutMs: 3000 });
  const early = await drill.submit("red-2", ["DRILL{TOO_EARLY}"]);
  assert.deepEqual(early.json, [{ flag: "DRILL{TOO_EARLY}", verdict: "err", points: 0 }], "before the start");
  await drill.start();
});
after(() => drill?.close());

const put = (red, flags, options = {}) => drill.call("PUT", "/flags/", { body: flags, headers: { "x-team-token": drill.tokens[red] }, ...options });
/** A flag that is still valid now, and for the rest of this tick. */
async function fresh(system) {
  const { drill: { tick } } = await drill.board();
  return (await drill.flag(system, tick)).flag;
}
async function verdicts(red, flags) {
  const answer = await drill.submit(red, flags);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.json.map((v) => v.flag), flags, "in order");
  return answer.json.map((v) => v.verdict);
}

describe("verdicts", () => {
  test("a flag counts once per team: ok with points, then dup, also twice in one list", async () => {
    const flag = await fresh("dept-1-notes");
    const answer = await drill.submit("red-2", [flag, flag]);
    assert.deepEqual(answer.json.map((v) => v.verdict), ["ok", "dup"]);
    assert.ok(answer.json[0].points > 0);
    assert.equal(answer.json[1].points, 0);
    assert.deepEqual(await verdicts("red-2", [flag]), ["dup"]);
    assert.deepEqual(await verdicts("red-3", [flag]), ["ok"]);
  });

  test("a flag of the team's own department is own", async () => {
    assert.deepEqual(await verdicts("red-1", [await fresh("dept-3-notes")]), ["own"]);
  });

  test("a flag is old when its ticks are over", async () => {
    const { flag, tick } = await drill.flag("dept-2-notes");
    await drill.untilTick(tick + TICKS_VALID);
    assert.deepEqual(await verdicts("red-2", [flag]), ["old"]);
  });

  test("whatever the drill did not issue is inv, and comes back as it was sent", async () => {
    const flag = await fresh("dept-1-notes");
    const flipped = flag.replace(/.}$/, (end) => (end[0] === "A" ? "B}" : "A}"));
    const strangers = [flipped, flag.toLowerCase(), `${flag} `, `x${flag}`, flag.slice(0, -1), "", "DRILL{}", "旗帜{一}", "{", "\"\\", "x".repeat(5000)];
    assert.deepEqual(await verdicts("red-3", strangers), strangers.map(() => "inv"));
  });

  test("what was acknowledged is in the journal, once, with team and system", async () => {
    const flag = await fresh("dept-1-notes");
    const before = await drill.events("--kind", "flag.captured");
    await verdicts("red-1", [flag, flag]);
    const added = (await drill.events("--kind", "flag.captured")).slice(before.length);
    assert.equal(added.length, 1);
    assert.equal(added[0].body.team, "red-1");
    assert.equal(added[0].body.system, "dept-1-notes");
    assert.equal(added[0].actor, "red-1");
  });
});

describe("PUT /flags/ as its clients know it", () => {
  const one = async (red, flag) => {
    const answer = await put(red, [flag]);
    assert.equal(answer.status, 200, answer.text);
    const [{ msg, flag: same, status }] = answer.json;
    assert.equal(same, flag);
    assert.ok(msg.startsWith(`[${flag.slice(0, 100)}] `), msg);
    return [status, msg.slice(flag.length + 3)];
  };

  test("accepted, then already submitted", async () => {
    const flag = await fresh("dept-2-notes");
    const [status, msg] = await one("red-3", flag);
    assert.equal(status, "ACCEPTED");
    assert.match(msg, /^Accepted, worth \d+\.\d\d points$/);
    const again = await one("red-3", flag);
    assert.deepEqual(again, ["REJECTED", "Denied: flag already submitted"]);
  });

  test("your own, too old, invalid flag: no word of another verdict in any of them", async () => {
    const words = { own: "your own", old: "too old", inv: "invalid flag" };
    const { flag: old, tick } = await drill.flag("dept-1-notes");
    await drill.untilTick(tick + TICKS_VALID);
    const flags = { own: await fresh("dept-3-notes"), old, inv: "DRILL{NOT_ISSUED}" };
    for (const [verdict, flag] of Object.entries(flags)) {
      const [status, msg] = await one("red-1", flag);
      assert.equal(status, "REJECTED");
      for (const [other, word] of [...Object.entries(words), ["dup", "already submitted"], ["ok", "accepted"]])
        assert.equal(msg.toLowerCase().includes(word), other === verdict, `${verdict}: ${msg}`);
      assert.match(msg, /denied/i);
    }
  });

  test("both paths do the same, a bearer token too", async () => {
    assert.equal((await put("red-1", ["x"])).status, 200);
    assert.equal((await drill.call("PUT", "/flags", { body: ["x"], headers: { "x-team-token": drill.tokens["red-1"] } })).status, 200);
    assert.equal((await drill.as("red-1", "PUT", "/flags", { body: ["x"] })).status, 200);
  });

  test("no team's token is a 403 {error}: a judge's and a department's no more than none", async () => {
    for (const token of ["nonsense", "", drill.tokens.judge, drill.tokens["dept-1-blue"], drill.tokens.admin]) {
      const answer = await put("red-1", ["x"], { headers: { "x-team-token": token } });
      assert.equal(answer.status, 403);
      assert.deepEqual(answer.json, { error: "Invalid team token" });
    }
    assert.equal((await put("red-1", ["x"], { headers: {} })).status, 403);
  });

  test("a body that is no list of at most 100 flags is a 400 {error}", async () => {
    assert.equal((await put("red-1", Array(100).fill("x"))).status, 200);
    for (const body of [Array(101).fill("x"), "", "[", '{"flag":"x"}', '"x"', "[1]", "[null]", '[["x"]]', "[".repeat(10000), Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d])]) {
      const answer = await put("red-1", body);
      assert.equal(answer.status, 400, answer.text);
      assert.deepEqual(Object.keys(answer.json), ["error"]);
    }
  });
});

describe("POST /api/v1/flags", () => {
  test("a body in chunks is as good as one of known length; both at once is refused", async () => {
    assert.deepEqual((await drill.as("red-1", "POST", "/api/v1/flags", { body: '["x"]', chunked: true })).json, [{ flag: "x", verdict: "inv", points: 0 }]);
    assert.equal((await drill.as("red-1", "POST", "/api/v1/flags", { body: '["x"]', headers: { "transfer-encoding": "chunked" } })).status, 400);
  });

  const post = (body) => drill.as("red-1", "POST", "/api/v1/flags", { body });

  test("takes a thousand flags and not one more", async () => {
    assert.equal((await post(Array(1000).fill("DRILL{X}"))).json.length, 1000);
    assert.equal((await post(Array(1001).fill("DRILL{X}"))).status, 413);
    assert.deepEqual((await post([])).json, []);
  });

  test("what is no list of strings is refused as a whole, a good flag in it is not taken", async () => {
    const flag = await fresh("dept-2-notes");
    for (const bad of [1, null, true, {}, [flag], 1.5]) {
      const answer = await post([flag, bad]);
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.json.detail, /element 1 /);
    }
    assert.deepEqual(await verdicts("red-1", [flag]), ["ok"]);
  });

  test("bad JSON, other text than UTF-8 and deep nesting are a 400 that says where", async () => {
    const bad = ["", "[", "[\"x\"", "['x']", "[\"x\",]", "[\"x\"] []", "\u0000", "nul", "[\"\\u0000\"]", "[\"\\ud800\"]", "{}", "[".repeat(60000), `${"[".repeat(33)}${"]".repeat(33)}`, `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
      Buffer.from([0x5b, 0x22, 0xff, 0xfe, 0x22, 0x5d]), Buffer.from([0x5b, 0x22, 0xc0, 0xaf, 0x22, 0x5d]), Buffer.from([0xef, 0xbb, 0xbf, 0x5b, 0x5d]), Buffer.from("[\"x\"]", "utf16le")];
    for (const body of bad) {
      const answer = await post(body);
      assert.equal(answer.status, 400, `${String(body).slice(0, 30)}: ${answer.text}`);
      assert.ok(answer.json.detail.length > 0);
    }
  });

  test("a body larger than the route takes is a 413, announced or not, and the server lives on", async () => {
    assert.equal((await post(JSON.stringify(["x".repeat(200 * 1024)]))).status, 413);
    assert.equal((await drill.as("red-1", "POST", "/api/v1/flags", { body: "x".repeat(300 * 1024), chunked: true })).status, 413);
    assert.equal((await drill.as("red-1", "POST", "/api/v1/flags", { length: 99999999999 })).status, 413);
    assert.equal((await drill.health()).status, "ok");
  });
});

test("the journal of all this holds, while the server runs and after", async () => {
  const beside = await drillctl("verify", drill.data);
  assert.equal(beside.code, 0, beside.output);
  assert.equal(await drill.stop(), 0, drill.output);
  const afterwards = await drillctl("verify", drill.data);
  assert.equal(afterwards.code, 0, afterwards.output);
});

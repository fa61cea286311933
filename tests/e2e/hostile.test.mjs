// Three hostile systems beside well-behaved ones: one accepts and never answers, one sends a byte a second, one
// sends 10 GB. None of them changes another's result, nor the checker's memory by more than 1 MiB.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { test } from "node:test";
import { builds, Checker } from "./checker_process.mjs";
import { until } from "./lib.mjs";

const OTHERS = 60;
const ROUND_MS = 3000;
const FLOOD_BYTES = 10e9;
const page = { check: [{ name: "page", http: { path: "/" }, assert: [{ rule: "body_contains", value: "welcome" }] }] };

async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

/** What each of the three does to a client. */
const behaviours = {
  silent: () => {},
  drip: (socket) => {
    const text = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
    let at = 0;
    const timer = setInterval(() => socket.write(text[at++ % text.length]), 1000);
    socket.on("close", () => clearInterval(timer));
  },
  flood: (socket) => {
    const block = Buffer.alloc(65536, "x");
    let left = FLOOD_BYTES;
    const pour = () => {
      while (left > 0 && !socket.destroyed && socket.write(block)) left -= block.length;
    };
    socket.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    socket.on("drain", pour);
    pour();
  },
};

const expected = {
  silent: ["down", /timed out/],
  drip: ["down", /timed out/],
  flood: ["mumble", /the answer is longer than/],
};

const memory = (pid, field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);

for (const dir of builds) {
  test(`hostile systems change nothing for others [${dir}]`, async (t) => {
    const good = http.createServer((req, res) => res.end("welcome"));
    const goodPort = await listen(good);
    t.after(() => good.close());
    const hostile = {};
    const sockets = new Set();
    for (const [name, behave] of Object.entries(behaviours)) {
      const server = net.createServer((socket) => {
        sockets.add(socket);
        socket.on("error", () => {}).on("close", () => sockets.delete(socket));
        socket.once("data", () => behave(socket));
      });
      hostile[name] = await listen(server);
      t.after(() => server.close());
    }
    t.after(() => sockets.forEach((socket) => socket.destroy()));

    const checker = new Checker(dir);
    await checker.ready;
    checker.program("page", page);
    const others = () => Promise.all(Array.from({ length: OTHERS }, () => checker.job("page", goodPort)));
    // As much as it needs at its peak without them.
    for (let i = 0; i < 10; i++) assert.ok((await others()).every((r) => r.status === "ok"));
    const before = { peak: memory(checker.child.pid, "VmHWM"), now: memory(checker.child.pid, "VmRSS") };

    for (const [name, port] of Object.entries(hostile)) {
      const attacked = checker.job("page", port, name === "flood" ? {} : { timeout_ms: ROUND_MS });
      const results = await others();
      assert.deepEqual([...new Set(results.map((r) => r.status))], ["ok"], `beside ${name}`);
      const own = await attacked;
      assert.equal(own.status, expected[name][0], `${name}: ${own.message}`);
      assert.match(own.message, expected[name][1]);
    }
    if (dir === "build") { // a sanitizer keeps what is freed
      assert.ok(memory(checker.child.pid, "VmHWM") - before.peak <= 1024, `peak ${before.peak} -> ${memory(checker.child.pid, "VmHWM")} KiB`);
      await until(() => memory(checker.child.pid, "VmRSS") - before.now <= 1024, "what was held is given back");
    }
    assert.deepEqual(await checker.end(), { code: 0, signal: null });
  });
}

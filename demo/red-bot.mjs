#!/usr/bin/env node
// The red team of the demo: twice a tick it runs the portal's exploit against every target and submits the flags
// it has not submitted yet. Its bearer token comes in DRILL_TOKEN. Ends on SIGTERM.
import { setTimeout as sleep } from "node:timers/promises";
import { exploit } from "../challenges/portal/exploit/exploit.mjs";
import { Api } from "./api.mjs";
import { options } from "./options.mjs";

const SUBMIT_MAX = 1000;
const KNOWN_MAX = 100000;
const given = options("red-bot.mjs --server URL --target HOST:PORT ...", { server: null, target: null });
const api = new Api(given.server[0], process.env.DRILL_TOKEN);
const targets = given.target.map((text) => {
  const at = text.lastIndexOf(":");
  return { host: text.slice(0, at), port: Number(text.slice(at + 1)) };
});
const ending = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => ending.abort());

const known = new Set(); // has a verdict
const counts = {};

/** Flags nobody has submitted for us yet; a target that is down or patched has none. */
async function collect() {
  const found = await Promise.all(targets.map(({ host, port }) => exploit(host, port).catch(() => [])));
  return found.flat().filter((flag) => !known.has(flag)).slice(0, SUBMIT_MAX);
}

async function round() {
  const flags = await collect();
  if (flags.length === 0) return 0;
  for (const { flag, verdict } of await api.submit(flags)) {
    counts[verdict] = (counts[verdict] ?? 0) + 1;
    if (verdict !== "err") known.add(flag); // err: the game does not run at the moment
  }
  if (known.size > KNOWN_MAX) known.clear();
  return flags.length;
}

let told = -1;
while (!ending.signal.aborted) {
  try {
    const { drill } = await api.board();
    const sent = drill.state === "running" ? await round() : 0;
    if (sent > 0 || drill.tick !== told) {
      const sum = Object.entries(counts).map(([verdict, n]) => `${n} ${verdict}`).join(", ");
      console.log(`tick ${drill.tick}: sent ${sent} flags; so far ${sum || "none"}`);
      told = drill.tick;
    }
    await sleep(drill.tick_ms / 2, null, { signal: ending.signal });
  } catch (error) {
    if (ending.signal.aborted) break;
    console.log(`${error.message}; trying again`);
    await sleep(1000, null, { signal: ending.signal }).catch(() => {});
  }
}

#!/usr/bin/env node
// The blue team of the demo: runs its department's portal and, when tick --patch-at begins, swaps it for the repaired
// program on the same data and port. Its bearer token comes in DRILL_TOKEN. On SIGTERM it ends the portal, then itself.
import { setTimeout as sleep } from "node:timers/promises";
import { Api } from "./api.mjs";
import { options } from "./options.mjs";
import { startPortal } from "./portal.mjs";

const POLL_MS = 500;
const given = options(
  "blue-bot.mjs --server URL --programs DIR [--address A] --port P --data DIR --department NAME_ZH --department-en NAME [--patch-at TICK]",
  { server: null, programs: null, address: "127.0.0.1", port: null, data: null, department: null, "department-en": null, "patch-at": "6" },
);
const api = new Api(given.server[0], process.env.DRILL_TOKEN);
const place = {
  address: given.address[0],
  port: given.port[0],
  data: given.data[0],
  department: given.department[0],
  departmentEn: given["department-en"][0],
};
const patchAt = Number(given["patch-at"][0]);
const ending = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => ending.abort());

const run = (program) => startPortal(given.programs[0], program, place, (line) => console.log(line));
let portal = await run("portal");

async function patch(tick) {
  const stopped = performance.now();
  await portal.stop();
  portal = await run("portal-fixed");
  console.log(`patched in tick ${tick}: ${Math.round(performance.now() - stopped)} ms without the site`);
}

for (let patched = false; !ending.signal.aborted; ) {
  try {
    if (!patched) {
      const { drill } = await api.board();
      if (drill.tick >= patchAt) {
        patched = true;
        await patch(drill.tick);
      }
    }
    if (portal.done) throw new Error("the portal has ended");
    await sleep(POLL_MS, null, { signal: ending.signal });
  } catch (error) {
    if (ending.signal.aborted) break;
    console.log(error.message);
    if (portal.done) process.exit(1); // whoever started this sees it
    await sleep(1000, null, { signal: ending.signal }).catch(() => {});
  }
}
await portal.stop();

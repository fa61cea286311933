// The server's container in the demo: starts drilld; at the first start makes passwords and tokens, hands the bots
// theirs, waits for the portals and starts the drill. On SIGTERM ends drilld, whose exit code becomes its own.
import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Api } from "../demo/api.mjs";
import { Child, firstLine } from "../demo/child.mjs";

const PORTALS = ["computing-portal", "law-portal", "library-portal"];
const PORTAL_PORT = 8080;
const PORTALS_WAIT_MS = 120000;
const logins = ["director", "judge", "leader", "computing", "law", "library", "red"];
const url = "http://127.0.0.1:8080";

// Plain HTTP beyond loopback: the port is published on the host's loopback alone (docker/compose.yaml).
const args = ["--scenario", "/opt/drill/scenario.yaml", "--challenges", "/opt/drill/challenges", "--data", "/data"];
args.push("--listen", "0.0.0.0:8080", "--insecure", "--checker", "/usr/local/bin/drill-checker");

let password = null;
const onLine = (line) => {
  const shown = /^admin password: (\S+)$/.exec(line)?.[1];
  if (shown) password = shown;
  else console.log(line);
};

/** The token is there whole or not at all. */
async function handOver(api, account) {
  const file = `/handover/${account}/token`;
  await writeFile(`${file}.part`, await api.newToken(account), { mode: 0o600 });
  await rename(`${file}.part`, file);
}

function listens(host) {
  return new Promise((resolve) => {
    const socket = connect({ host, port: PORTAL_PORT, timeout: 1000 });
    const say = (answer) => () => (socket.destroy(), resolve(answer));
    socket.once("connect", say(true)).once("error", say(false)).once("timeout", say(false));
  });
}

async function portalsListen() {
  const end = performance.now() + PORTALS_WAIT_MS;
  for (const host of PORTALS)
    while (!(await listens(host))) {
      if (performance.now() > end) throw new Error(`${host} does not listen`);
      await sleep(250);
    }
}

async function prepare() {
  const api = new Api(url);
  await api.signIn("admin", password);
  console.log(`admin ${password}`);
  for (const id of logins) console.log(`${id} ${await api.newPassword(id)}`);
  for (const account of ["law", "red"]) await handOver(api, account);
  await portalsListen();
  await api.clock("start", "demo");
}

const first = !existsSync("/data/journal.db");
let drilld;
const starting = firstLine((see) => {
  drilld = new Child("drilld", "drilld", args, {
    onLine: (line) => {
      onLine(line);
      see(line);
    },
  });
  return drilld;
}, /^listening on /);
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => drilld.kill("SIGTERM"));

try {
  await starting;
  if (first) await prepare();
} catch (error) {
  console.error(error.message);
  await drilld.stop();
  process.exit(1);
}
const { code } = await drilld.ended;
process.exit(code ?? 1);

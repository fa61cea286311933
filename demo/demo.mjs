// Runs the demo drill; scripts/demo.sh tells what it takes from the environment.
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Api } from "./api.mjs";
import { Child, firstLine } from "./child.mjs";
import { startPortal } from "./portal.mjs";
import { freePort } from "./ports.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const build = join(root, "build");
const dir = process.env.DEMO_DIR ?? join(build, "demo");
const data = join(dir, "data");
const programs = join(build, "challenges/portal");
const seconds = Number(process.env.DEMO_SECONDS ?? 0);
const patchTick = process.env.DEMO_PATCH_TICK ?? "6";
const PATCHED = "law"; // the department whose people repair their portal

const departments = [
  { id: "computing", department: "计算机学院", departmentEn: "School of Computing", port: 18081 },
  { id: "law", department: "法学院", departmentEn: "School of Law", port: 18082 },
  { id: "library", department: "图书馆", departmentEn: "Library", port: 18083 },
];
const logins = ["admin", "director", "judge", "judge-2", "judge-3", "leader", "computing", "law", "library", "red"];

class Interrupted extends Error {}

const children = []; // in the order in which they are to be stopped last
let finishing = false;
let interrupt;
const interrupted = new Promise((_, reject) => (interrupt = reject));
interrupted.catch(() => {});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    if (finishing) {
      // the second time means now
      for (const child of children) child.kill("SIGKILL");
      process.exit(1);
    }
    finishing = true;
    interrupt(new Interrupted(signal));
  });
}

/** Makes a child and counts it in; its unexpected end is the demo's. Once the demo ends, none is made any more. */
function spawn(make) {
  if (finishing) throw new Interrupted("already ending");
  const child = make();
  children.push(child);
  child.ended.then(({ code, signal, error }) => {
    if (!finishing) interrupt(new Error(`${child.name} has ended (${error?.message ?? signal ?? code})`));
  });
  return child;
}

/** Starts a program in a process group of its own; resolves with the first line that matches. */
function startProgram(name, program, args, ready, { env, onLine = say(name) } = {}) {
  return firstLine((see) => {
    const both = (line) => {
      onLine(line);
      see(line);
    };
    return spawn(() => new Child(name, program, args, { detached: true, env, onLine: both }));
  }, ready);
}

const say = (name) => (line) => console.log(`[${name}] ${line}`);

async function choosePorts() {
  for (const d of departments) d.port = await freePort(d.port);
  return freePort(Number(process.env.DEMO_PORT ?? 8000));
}

/** demo/scenario.yaml with the ports that were free. */
async function writeScenario() {
  let text = await readFile(join(root, "demo/scenario.yaml"), "utf8");
  const wished = [18081, 18082, 18083];
  for (const [i, d] of departments.entries()) text = text.replace(`"127.0.0.1:${wished[i]}"`, `"127.0.0.1:${d.port}"`);
  const file = join(dir, "scenario.yaml");
  await writeFile(file, text);
  return file;
}

async function startServer(port) {
  let password;
  const args = ["--scenario", await writeScenario(), "--data", data, "--challenges", join(root, "challenges")];
  args.push("--listen", `127.0.0.1:${port}`, "--checker", join(build, "drill-checker"));
  const onLine = (line) => {
    const shown = /^admin password: (\S+)$/.exec(line)?.[1];
    if (shown) password = shown;
    else console.log(`[drilld] ${line}`);
  };
  const [, url] = await startProgram("drilld", join(build, "drilld"), args, /^listening on (http:\S+)$/, { onLine });
  if (!password) throw new Error("drilld did not print the admin's password at its first start");
  return { url, password };
}

const where = (d) => ({ ...d, data: join(dir, `portal-${d.id}`) });

async function startPortals() {
  for (const d of departments)
    if (d.id !== PATCHED) await startPortal(programs, "portal", where(d), say(d.id), { detached: true, spawn });
}

/** The blue bot runs the portal of its department itself: it is the one who swaps it. */
async function startBlue(url, token) {
  const d = where(departments.find(({ id }) => id === PATCHED));
  const args = ["--server", url, "--programs", programs, "--port", String(d.port), "--data", d.data];
  args.push("--department", d.department, "--department-en", d.departmentEn, "--patch-at", patchTick);
  await startBot("blue", args, token, /^listening on /);
}

async function startRed(url, token) {
  const args = ["--server", url, ...departments.flatMap(({ port }) => ["--target", `127.0.0.1:${port}`])];
  await startBot("red", args, token, /^tick /);
}

const startBot = (name, args, token, ready) =>
  startProgram(name, process.execPath, [join(root, `demo/${name}-bot.mjs`), ...args], ready, { env: { DRILL_TOKEN: token } });

function printLogins(url, passwords) {
  console.log(`\n  Board / 态势大屏   ${url}\n`);
  for (const [account, password] of Object.entries(passwords)) console.log(`  ${account.padEnd(10)} ${password}`);
  console.log(`\n  ${seconds > 0 ? `Ends by itself after ${seconds} s.` : "Ctrl-C ends it. / 按 Ctrl-C 结束。"}\n`);
}

async function begin() {
  for (const name of ["drilld", "drill-checker", "drillctl", "challenges/portal/portal", "challenges/portal/portal-fixed"])
    if (!existsSync(join(build, name))) throw new Error(`build/${name} is not there; run make first`);
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const { url, password } = await startServer(await choosePorts());
  const api = new Api(url);
  await api.signIn("admin", password);
  const passwords = { admin: password };
  for (const id of logins) passwords[id] ??= await api.newPassword(id);
  await startPortals();
  await startBlue(url, await api.newToken(PATCHED));
  await api.clock("start", "demo");
  await startRed(url, await api.newToken("red"));
  printLogins(url, passwords);
  return api;
}

/** Last started, first stopped; every one waited for. */
async function stopAll() {
  finishing = true;
  const hard = [];
  for (const child of children.reverse()) {
    const { code, signal, error } = await child.stop();
    if (code !== 0) hard.push(`${child.name} ended with ${error?.message ?? signal ?? code}`);
  }
  return hard;
}

function printRanking(board) {
  const names = Object.fromEntries(board.teams.map(({ id, name }) => [id, `${name.zh} / ${name.en}`]));
  console.log("\nFinal ranking / 最终排名");
  for (const r of board.ranking) {
    const parts = ["attack", "defense", "sla"].map((key) => `${key} ${r[key].toFixed(2)}`).join("  ");
    console.log(`  ${String(r.rank).padStart(2)}  ${r.total.toFixed(2).padStart(10)}  ${parts}  ${names[r.team] ?? r.team}`);
  }
  for (const s of board.systems) console.log(`  ${s.id}: ${s.ok_ticks} of ${s.checked_ticks} ticks ok, ${s.flags_lost} flags lost`);
}

async function verify() {
  const child = new Child("drillctl", join(build, "drillctl"), ["verify", data], { onLine: say("verify") });
  return (await child.ended).code === 0;
}

/** Ends the drill and judges it. The exit code. */
async function conclude(api) {
  await api.clock("end", "demo over");
  const board = await api.board();
  const hard = await stopAll();
  const verified = await verify();
  const captured = board.systems.reduce((sum, s) => sum + s.flags_lost, 0);
  printRanking(board);
  for (const text of hard) console.log(text);
  console.log(`\n${captured} flags captured; journal ${verified ? "verified" : "DOES NOT VERIFY"}`);
  return verified && captured > 0 && hard.length === 0 ? 0 : 1;
}

async function main() {
  if (!Number.isFinite(seconds) || seconds < 0) throw new Error("DEMO_SECONDS must be a number of seconds");
  try {
    const api = await Promise.race([begin(), interrupted]);
    const timer = seconds > 0 ? new Promise((resolve) => setTimeout(resolve, seconds * 1000).unref()) : new Promise(() => {});
    await Promise.race([timer, interrupted]);
    return await conclude(api);
  } catch (error) {
    if (error instanceof Interrupted) console.log(`\nending (${error.message})`);
    else console.error(`demo: ${error.message}`);
    const hard = await stopAll();
    for (const text of hard) console.log(text);
    if (!(error instanceof Interrupted)) return 1;
    if (existsSync(join(data, "journal.db"))) console.log(`\nThe journal stays until the next demo / 日志保留到下次演示：build/drillctl verify ${relative(".", data)}`);
    if (hard.length > 0) return 1;
    // without a time limit, Ctrl-C is how the demo ends
    return seconds > 0 ? (error.message === "SIGINT" ? 130 : 143) : 0;
  }
}

process.exitCode = await main();

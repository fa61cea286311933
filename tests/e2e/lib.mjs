// What the end-to-end, fault and live browser tests share: a real drilld on loopback with defended systems that the
// test itself plays, so that it learns every flag; an HTTP and a WebSocket client; and a certain end of all of it.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openLive } from "./websocket.mjs";
import { assertDescribed } from "./described.mjs";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const BUILD = process.env.DRILL_BUILD ?? join(ROOT, "build");

/** How long what must come may take: a busy machine is no fault of the server's. */
export const PATIENCE_MS = 60000;

/** Waits until holds() is truthy and returns it; what is said if that never happens. */
export async function until(holds, what, timeoutMs = PATIENCE_MS) {
  for (const end = Date.now() + timeoutMs; ; await sleep(20)) {
    const value = await holds();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${typeof what === "function" ? what() : what}`);
  }
}

/** Runs a program to its end: {code, stdout, stderr, output}. */
export function run(program, args, options = {}) {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 2 * PATIENCE_MS, maxBuffer: 64 * 1024 * 1024, ...options }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr, output: stdout + stderr });
    });
  });
}

export const drillctl = (...args) => run(join(BUILD, "drillctl"), args);
export const drilld = (...args) => run(join(BUILD, "drilld"), args);

/**
 * One request: {status, headers, bytes, text, json}. body: a string or Buffer goes as it is, anything else as JSON; chunked
 * sends it without its length; length announces another one. onSent is called when all of it is on its way.
 */
export function request(url, method, path, { token, body, headers = {}, agent, chunked = false, length, onSent, timeoutMs = PATIENCE_MS } = {}) {
  const target = new URL(url);
  const data = body === undefined || typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const all = { ...headers };
  if (token) all.authorization = `Bearer ${token}`;
  if (length !== undefined || (data !== undefined && !chunked)) all["content-length"] = length ?? Buffer.byteLength(data);
  const { request: send } = target.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const out = send({
      host: target.hostname, port: target.port, method, path, headers: all, agent: agent ?? false, rejectUnauthorized: false, timeout: timeoutMs,
    }, async (answer) => {
      const chunks = [];
      try {
        for await (const chunk of answer) chunks.push(chunk);
      } catch (error) {
        return reject(error);
      }
      const bytes = Buffer.concat(chunks), text = bytes.toString();
      let json;
      try {
        json = JSON.parse(text);
      } catch {
        json = undefined;
      }
      const got = { status: answer.statusCode, headers: answer.headers, bytes, text, json };
      try {
        if (method !== "HEAD") assertDescribed(method, path, got);
      } catch (error) {
        return reject(error);
      }
      resolve(got);
      if (length !== undefined) out.destroy();
    });
    out.on("timeout", () => out.destroy(new Error(`${method} ${path}: no answer`)));
    out.on("error", reject);
    if (onSent) out.on("finish", onSent);
    if (length === undefined) out.end(data);
    else out.flushHeaders();
  });
}

/** Children of a process: [pid]. */
export function childrenOf(pid) {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((child) => {
    try {
      const stat = readFileSync(`/proc/${child}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(fields[1]) === pid && fields[0] !== "Z";
    } catch {
      return false; // it has ended meanwhile
    }
  });
}

export const isAlive = (pid) => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

/** A certificate for loopback: {cert, key} as files in dir. */
export async function makeCertificate(dir) {
  const cert = join(dir, "cert.pem"), key = join(dir, "key.pem");
  const made = await run("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert,
  ]);
  if (made.code !== 0) throw new Error(made.output);
  return { cert, key };
}

/** A defended system: keeps what checks put and gives it back. mode says how it fails. */
class DefendedSystem {
  mode = "ok"; // ok, hang (takes the request and says nothing), broken (500), forgets (no note)
  asked = false; // whether a check has come
  flags = []; // {system, tick, flag}
  #notes = new Map();
  #server = http.createServer((req, res) => this.#answer(req, res));

  constructor(id) {
    this.id = id;
  }

  async listen() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.port = this.#server.address().port;
  }

  async #answer(req, res) {
    this.asked = true;
    if (this.mode === "hang") return;
    if (this.mode === "broken") return void res.writeHead(500).end("out of order");
    const note = /^\/notes\/(\w+)$/.exec(req.url)?.[1];
    if (req.method === "PUT") {
      let text = "";
      for await (const chunk of req) text += chunk;
      const [tick, flag] = text.split(" ");
      this.#notes.set(note, text);
      this.flags.push({ system: this.id, tick: Number(tick), flag });
      res.end("kept");
    } else if (note) {
      const text = this.mode === "forgets" ? undefined : this.#notes.get(note);
      res.writeHead(text ? 200 : 404).end(text ?? "no such note");
    } else {
      res.end("welcome");
    }
  }

  close() {
    this.#server.closeAllConnections?.();
    this.#server.close();
  }
}

const CHALLENGE = ({ timeoutMs, slots }) => `id: notes
title: {zh: 便签, en: Notes}
contract: steps
port: 80
timeout_ms: ${timeoutMs}
flags: ${slots}
vars:
  note: {random: hex, length: 16}
steps:
  put:
    - name: keep
      http: {method: PUT, path: "/notes/{{note}}", body: "{{tick}} {{flag}}"}
      assert: [{status: 200}]
  get:
    - name: read back
      http: {path: "/notes/{{note}}"}
      assert: [{status: 200}, {body_contains: "{{flag}}"}]
  check:
    - name: front page
      http: {path: /}
      assert: [{status: 200}, {body_contains: welcome}]
`;

const SCENARIO = (o, systems) => `drill:
  id: ${o.id}
  name: {zh: 端到端演练, en: End-to-end drill}
${o.startInMs ? `  start: ${new Date(Date.now() + o.startInMs).toISOString()}\n` : ""}  duration: ${o.tick * o.ticks}ms
  tick: ${o.tick}ms
  time_zone: Asia/Shanghai
  flag_ticks: ${o.flagTicks}
  public_board: ${o.publicBoard}
departments:
${o.departments.map((d) => `  - {id: ${d}, name: ${d}${o.departmentMail[d] ? `, mail: ${o.departmentMail[d]}` : ""}}`).join("\n")}
red_teams:
${o.reds.map(([id, home]) => `  - {id: ${id}, name: ${id}${home ? `, department: ${home}` : ""}}`).join("\n")}
systems:
${systems.map((s) => `  - {id: ${s.id}, name: ${s.id}, department: ${s.department}, challenge: notes, address: "127.0.0.1:${s.port}"}`).join("\n")}
accounts:
  - {id: director, role: director}
  - {id: judge, role: judge}
  - {id: leader, role: leader}
${o.departments.map((d) => `  - {id: ${d}-blue, role: blue, department: ${d}}`).join("\n")}
${o.reds.map(([id]) => `  - {id: ${id}, role: red, red_team: ${id}}`).join("\n")}
${o.sections}`;

const running = new Set();
process.on("exit", () => running.forEach((drill) => drill.killAll()));

class Drill {
  tokens = {};
  output = "";
  workers = new Set();

  constructor(options) {
    this.options = options;
    this.dir = mkdtempSync(join(tmpdir(), "drill-e2e-"));
    this.data = options.data ?? join(this.dir, "data");
    this.scenario = join(this.dir, "scenario.yaml");
    this.challenges = join(this.dir, "challenges");
    this.systems = options.departments.map((d) => Object.assign(new DefendedSystem(`${d}-${options.system}`), { department: d }));
  }

  async prepare() {
    for (const system of this.systems) await system.listen();
    mkdirSync(join(this.challenges, "notes"), { recursive: true });
    const { challenge } = this.options;
    writeFileSync(join(this.challenges, "notes/challenge.yaml"), typeof challenge === "function" ? await challenge(this.systems, join(this.challenges, "notes")) : challenge ?? CHALLENGE(this.options));
    writeFileSync(this.scenario, SCENARIO(this.options, this.systems));
    if (this.options.tls) this.tls = await makeCertificate(this.dir);
  }

  args() {
    return [
      "--data", this.data, "--scenario", this.scenario, "--challenges", this.challenges, "--listen", "127.0.0.1:" + (this.port ?? 0),
      ...(this.tls ? ["--tls-cert", this.tls.cert, "--tls-key", this.tls.key] : []), ...this.options.extraArgs,
    ];
  }

  /** Starts drilld and waits until it listens. */
  async launch() {
    const [program, ...before] = [...this.options.wrapper, join(BUILD, "drilld")];
    this.child = spawn(program, [...before, ...this.args()], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...this.options.env } });
    this.output = "";
    for (const stream of [this.child.stdout, this.child.stderr]) stream.setEncoding("utf8").on("data", (text) => (this.output += text));
    this.exited = once(this.child, "close").then(([code, signal]) => (this.ended = { code, signal }));
    this.ended = undefined;
    running.add(this);
    const [, url] = await until(() => {
      if (this.ended) throw new Error(`drilld has ended: ${JSON.stringify(this.ended)}\n${this.output}`);
      return /^listening on (\S+)$/m.exec(this.output);
    }, () => `drilld listens\n${this.output}`);
    this.url = url;
    this.pid = this.child.pid;
    this.adminPassword ??= /^admin password: (\S+)$/m.exec(this.output)?.[1];
    this.children();
  }

  children() {
    const pids = this.ended ? [] : childrenOf(this.pid);
    pids.forEach((pid) => this.workers.add(pid));
    return pids;
  }

  async makeTokens() {
    const { cookie, csrf } = await this.signIn("admin", this.adminPassword);
    const accounts = await this.call("GET", "/api/v1/accounts", { headers: { cookie } });
    for (const { id } of accounts.json) {
      const made = await this.call("POST", `/api/v1/accounts/${id}/token`, { headers: { cookie, "x-csrf-token": csrf } });
      this.tokens[id] = made.json.token;
    }
  }

  call = (method, path, options) => request(this.url, method, path, options);
  as = (account, method, path, options = {}) => this.call(method, path, { ...options, token: this.tokens[account] });

  async signIn(account, password) {
    const answer = await this.call("POST", "/api/v1/session", { body: { account, password } });
    if (answer.status !== 200) throw new Error(`${account} cannot sign in: ${answer.text}`);
    return { ...answer.json, cookie: answer.headers["set-cookie"][0].split(";")[0] };
  }

  newPassword = async (id) => (await this.as("admin", "POST", `/api/v1/accounts/${id}/password`)).json.password;
  clock = (action, more = {}) => this.as("director", "POST", "/api/v1/clock", { body: { action, ...more } });
  submit = (red, flags) => this.as(red, "POST", "/api/v1/flags", { body: flags });
  board = async (account = "admin") => (await this.as(account, "GET", "/api/v1/board")).json;
  health = async () => (await this.call("GET", "/api/v1/health")).json;
  live = (since, { account, ...options } = {}) =>
    openLive(this.url, `/api/v1/live${since === undefined ? "" : `?since=${since}`}`, { token: this.tokens[account], ...options });

  async start() {
    const answer = await this.clock("start");
    if (answer.status !== 200) throw new Error(answer.text);
  }

  untilBoard = (holds, what, timeoutMs) => {
    let last;
    return until(async () => ((last = await this.board()), holds(last) && last), () => `${what}: ${JSON.stringify(last?.drill)}\n${this.output}`, timeoutMs);
  };
  untilTick = (tick) => this.untilBoard((b) => b.drill.tick >= tick, `tick ${tick}`);
  /** A flag that a check has put, of this system and not older than fromTick. */
  flag = (system, fromTick = 0) =>
    until(() => this.flags().find((f) => f.system === system && f.tick >= fromTick), `a flag of ${system}`);
  /** Every flag ever put: {system, tick, flag}. */
  flags = () => this.systems.flatMap((s) => s.flags);
  system = (id) => this.systems.find((s) => s.id === id);

  async events(...args) {
    const { code, stdout, output } = await drillctl("events", this.data, "--json", ...args);
    if (code !== 0) throw new Error(output);
    return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  }

  /** Ends drilld as an organizer does; its exit code. */
  async stop() {
    this.children();
    this.child.kill("SIGTERM");
    const { code } = await this.exited;
    return code;
  }

  async kill9() {
    this.children();
    this.child.kill("SIGKILL");
    await this.exited;
  }

  /** On the same data, and the same port, as browsers expect; the kernel may have lent it to somebody meanwhile. */
  async restart() {
    this.port = new URL(this.url).port;
    for (let tries = 1; ; tries++) {
      try {
        return await this.launch();
      } catch (error) {
        if (tries === 20 || !/address already in use/.test(this.output)) throw error;
        await sleep(500);
      }
    }
  }

  killAll() {
    if (this.child && !this.ended) this.child.kill("SIGKILL");
    for (const pid of this.workers) if (isAlive(pid) && /drill-checker/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"))) process.kill(pid, "SIGKILL");
  }

  async close() {
    if (this.child && !this.ended) this.children();
    this.killAll();
    await this.exited;
    running.delete(this);
    this.systems.forEach((s) => s.close());
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * A drill that waits for its start. departments: how many (dept-1, ...) or their ids, each with one system (dept-1-notes; system: what
 * stands for notes) and a blue account (dept-1-blue); reds: [[id, home department?], ...], accounts of the same names; admin, director, judge,
 * leader. challenge: a text for challenge.yaml (id: notes) instead of one that the systems here pass, or what makes it, from them and its folder, when they listen. env: of drilld, added to ours; wrapper: a command that runs it. sections: more of scenario.yaml; departmentMail: a department's `mail`. slots: flag places per system. tick in milliseconds, at least 1000. close() it.
 */
export async function startDrill({
  id = "e2e", departments = 2, system = "notes", reds = [["red-1"]], tick = 1000, ticks = 60, flagTicks = 5, publicBoard = true, timeoutMs = 1000, slots = 1,
  challenge, startInMs, tls = false, data, extraArgs = [], wrapper = [], env = {}, tokens = true, sections = "", departmentMail = {},
} = {}) {
  const names = Array.isArray(departments) ? departments : Array.from({ length: departments }, (_, i) => `dept-${i + 1}`);
  const drill = new Drill({ id, departments: names, system, reds, tick, ticks, flagTicks, publicBoard, timeoutMs, slots, challenge, startInMs, tls, data, extraArgs, wrapper, env, sections, departmentMail });
  try {
    await drill.prepare();
    await drill.launch();
    if (tokens) await drill.makeTokens();
  } catch (error) {
    await drill.close();
    throw error;
  }
  return drill;
}

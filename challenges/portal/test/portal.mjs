// Starts portals on free loopback ports and ends them: shared by the tests of this folder.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
const build = process.env.BUILD ?? join(root, "build");
export const vulnerable = join(build, "challenges/portal/portal");
export const fixed = join(build, "challenges/portal/portal-fixed");
export const sanitized = join(build, "debug/challenges/portal/portal");

/** A scratch directory that goes when the test ends. */
export async function scratch(t) {
  const dir = await mkdtemp(join(tmpdir(), "portal-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Starts a portal and waits until it listens; stop() ends it and returns {code, signal, stderr}. */
export async function start(t, program, dir, { port = 0, args = [] } = {}) {
  const child = spawn(program, ["--port", String(port), "--data", dir, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const exit = once(child, "exit");
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const stop = async (signal = "SIGTERM") => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const [code, by] = await exit;
    return { code, signal: by, stderr };
  };
  t.after(() => stop("SIGKILL"));
  const line = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (more) => {
      text += more;
      if (text.includes("\n")) resolve(text);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`portal ended with ${code}: ${stderr}`)));
  });
  const bound = Number(/:(\d+)\n/.exec(line)[1]);
  return { pid: child.pid, port: bound, base: `http://127.0.0.1:${bound}`, stop };
}

/** A visitor with cookies: get(path) and post(path, fields) answer {status, location, text, headers}. */
export function visitor(base) {
  const cookies = new Map();
  const send = async (path, init) => {
    const headers = { ...init.headers, cookie: [...cookies].map(([k, v]) => `${k}=${v}`).join("; ") };
    const answer = await fetch(base + path, { redirect: "manual", signal: AbortSignal.timeout(60000), ...init, headers });
    // several come as one line, comma between: Debian 12's node has no getSetCookie()
    for (const line of answer.headers.get("set-cookie")?.split(/,\s*(?=[^;,\s]+=)/) ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    return { status: answer.status, location: answer.headers.get("location"), headers: answer.headers, text: await answer.text() };
  };
  return {
    cookies,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, fields, headers = {}) => send(path, { method: "POST", headers, body: new URLSearchParams(fields) }),
    raw: (path, body, headers) => send(path, { method: "POST", headers, body }),
  };
}

let people = 0;
/** A visitor who has registered and is signed in. */
export async function member(base) {
  const v = visitor(base);
  v.user = `member${process.pid}.${people++}`;
  v.password = "correct horse";
  const answer = await v.post("/register", { user: v.user, name: "张三", password: v.password });
  if (answer.status !== 303) throw new Error(`register: ${answer.status} ${answer.text}`);
  return v;
}

// usage: node routes.mjs ROOT: the route records of server/api against the paths of openapi/*.json, both ways.
import fs from "node:fs";
import path from "node:path";
import { openapi } from "../../scripts/openapi.mjs";

const root = process.argv[2] ?? ".";
const api = path.join(root, "server/api");
const problems = [];
const bad = (text) => problems.push(text);

const signedIn = ["blue", "red", "judge", "director", "leader", "admin"];
const sets = { ANY: ["public", ...signedIn], SIGNED_IN: signedIn, STAFF: ["judge", "director", "leader", "admin"] };

function rolesOf(text, name) {
  const all = new Set();
  for (const word of text.split("|").map((w) => w.trim())) {
    const role = /^ROLE_([A-Z_]+)$/.exec(word)?.[1];
    if (!role) bad(`${name}: cannot read the roles "${text}"`);
    else for (const r of sets[role] ?? [role.toLowerCase()]) all.add(r);
  }
  return [...all].sort();
}

function bytesOf(text) {
  return text === undefined ? 0 : text.split("*").reduce((n, f) => n * Number(f), 1);
}

/* The records, in the fixed form that clang-format keeps: const struct route NAME = { .field = value, ... }; */
function readRecords() {
  const records = new Map();
  for (const file of fs.readdirSync(api).filter((f) => f.endsWith(".c"))) {
    const text = fs.readFileSync(path.join(api, file), "utf8");
    for (const [, name, body] of text.matchAll(/^const struct route (\w+) = \{([^}]*(?:\{\w+\}[^}]*)*)\};/gm)) {
      const field = (f) => new RegExp(`\\.${f} =\\s*([^,]+),`).exec(body)?.[1].trim();
      records.set(name, {
        name, file, method: JSON.parse(field("method")).toLowerCase(), path: JSON.parse(field("path")),
        roles: rolesOf(field("roles"), name), publicByScenario: field("public_by_scenario") === "true",
        body: bytesOf(field("body_max_bytes")), problems: field("refuse") === undefined,
      });
    }
  }
  return records;
}

function readTable() {
  const text = fs.readFileSync(path.join(api, "routes.c"), "utf8");
  return [...text.matchAll(/&(route_\w+),/g)].map((m) => m[1]);
}

function resolve(doc, ref) {
  return ref.replace(/^#\//, "").split("/").reduce((at, key) => at?.[key.replace(/~1/g, "/").replace(/~0/g, "~")], doc);
}

function checkReferences(doc, at, where) {
  if (at === null || typeof at !== "object") return;
  for (const [key, value] of Object.entries(at)) {
    if (key === "$ref" && typeof value === "string" && resolve(doc, value) === undefined) bad(`${where}: ${value} is nowhere`);
    checkReferences(doc, value, `${where}/${key}`);
  }
}

/* What every operation has, whatever its route. */
function checkOperation(doc, op, where) {
  if (!op.summary) bad(`${where}: no summary`);
  if (!op.operationId) bad(`${where}: no operationId`);
  if (!Array.isArray(op.security)) bad(`${where}: no security`);
  for (const s of op.security ?? []) for (const name of Object.keys(s)) if (!doc.components.securitySchemes[name]) bad(`${where}: no security scheme ${name}`);
  if (!Array.isArray(op["x-roles"])) bad(`${where}: no x-roles`);
  const codes = Object.keys(op.responses ?? {});
  if (!codes.some((c) => /^[12]/.test(c))) bad(`${where}: no response that says what success is`);
  for (const code of codes) {
    const r = op.responses[code].$ref ? resolve(doc, op.responses[code].$ref) : op.responses[code];
    if (!r?.description) bad(`${where}: response ${code} has no description`);
    const media = Object.values(r?.content ?? {});
    if (/^2/.test(code) && code !== "204" && (media.length === 0 || media.some((m) => !m.schema))) bad(`${where}: response ${code} has no schema`);
  }
}

function checkAgainstRoute(op, route, where) {
  const roles = [...(op["x-roles"] ?? [])].sort();
  if (roles.join() !== route.roles.join()) bad(`${where}: x-roles [${roles}] but ${route.file} has [${route.roles}]`);
  if (Boolean(op["x-public-by-scenario"]) !== route.publicByScenario) bad(`${where}: x-public-by-scenario differs from ${route.file}`);
  const open = (op.security ?? []).some((s) => Object.keys(s).length === 0);
  if (open !== route.roles.includes("public")) bad(`${where}: security says ${open ? "anybody" : "signed in"}, the roles otherwise`);
  if (op.requestBody && op["x-body-max-bytes"] !== route.body) bad(`${where}: x-body-max-bytes ${op["x-body-max-bytes"]} but ${route.file} takes ${route.body}`);
  const need = [...(open ? [] : ["401", "403"]), ...(op.requestBody ? ["400", "413"] : [])];
  if (route.problems) for (const code of need) if (!op.responses?.[code] && !(code === "403" && roles.length === signedIn.length)) bad(`${where}: no response ${code}`);
  if (route.problems) for (const code of Object.keys(op.responses ?? {})) if (/^[45]/.test(code) && op.responses[code].$ref !== "#/components/responses/Problem") bad(`${where}: ${code} must be the Problem response`);
  const segments = [...route.path.matchAll(/\{(\w+)\}/g)].length;
  const inPath = (op.parameters ?? []).map((p) => (p.$ref ? resolve(doc, p.$ref) : p)).filter((p) => p?.in === "path").length;
  if (segments !== inPath) bad(`${where}: ${segments} path parameters, ${inPath} described`);
}

const doc = openapi(path.join(api, "openapi"));
const records = readRecords(), table = readTable(), described = new Set(), ids = new Set();

if (!/^3\.1\./.test(doc.openapi)) bad("openapi.json: version 3.1 is expected");
checkReferences(doc, doc, "openapi.json#");
for (const name of table) if (!records.has(name)) bad(`routes.c: no record of ${name} could be read`);
for (const name of records.keys()) if (!table.includes(name)) bad(`${records.get(name).file}: ${name} is not in the table of routes.c`);

const byKey = new Map([...records.values()].map((r) => [`${r.method} ${r.path}`, r]));
for (const [url, item] of Object.entries(doc.paths)) {
  for (const [method, op] of Object.entries(item)) {
    const where = `${method.toUpperCase()} ${url}`, route = byKey.get(`${method} ${url}`);
    described.add(`${method} ${url}`);
    checkOperation(doc, op, where);
    if (ids.has(op.operationId)) bad(`${where}: operationId ${op.operationId} twice`);
    ids.add(op.operationId);
    if (route) checkAgainstRoute(op, route, where);
    else if (!op["x-websocket"] && !op["x-asset"]) bad(`${where}: no such route`);
  }
}
for (const key of byKey.keys()) if (!described.has(key)) bad(`${key}: not in openapi.json`);
if (records.size === 0) bad("no route record found in server/api/*.c");

for (const p of problems) console.log(p);
process.exit(problems.length > 0 ? 1 : 0);

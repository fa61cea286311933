// Holds answers against the API's own description: what a test gets from a described path must be one of the answers
// that the description has, and of its shape. Every request of lib.mjs goes through here.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(`${root}scoreboard/package.json`);
const { default: Ajv } = require("ajv/dist/2020");

export const api = JSON.parse(readFileSync(`${root}build/openapi.json`, "utf8"));

/** Any path may give these before its route has anything to say. */
const ALWAYS = ["400", "401", "403", "404", "405", "408", "413", "415", "421", "429", "431", "500", "501", "503"];

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(api, "api");

const pointer = (...keys) => `api#/${keys.map((k) => encodeURIComponent(k.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/")}`;
const patterns = Object.keys(api.paths).map((path) => ({
  path, fixed: !path.includes("{"),
  regex: new RegExp(`^${path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, "[^/]+")}$`),
})).sort((a, b) => b.fixed - a.fixed);

/** [path, method, operation] of the description, or undefined. */
export function operationOf(method, url) {
  const plain = url.split("?")[0], found = patterns.find((p) => p.regex.test(plain));
  const verb = method.toLowerCase(), op = found && api.paths[found.path][verb];
  return op && [found.path, verb, op];
}

/** Whether value is of the schema that the keys lead to; undefined or what is wrong with it. */
export function mistakes(value, ...keys) {
  const validate = ajv.getSchema(pointer(...keys));
  if (!validate) return `no schema at ${keys.join(" / ")}`;
  return validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: "answer" });
}

/** Throws if this answer is not as described. */
export function assertDescribed(method, url, { status, headers, json }) {
  const found = operationOf(method, url);
  if (!found) return;
  const [path, verb, op] = found, described = op.responses[status];
  const where = `${method} ${url} -> ${status}`;
  if (!described) {
    if (ALWAYS.includes(String(status))) return;
    throw new Error(`${where}: the API's description has no such answer`);
  }
  const type = headers["content-type"]?.split(";")[0];
  if (described.$ref || !described.content?.[type]?.schema || type !== "application/json") return;
  const wrong = mistakes(json, "paths", path, verb, "responses", String(status), "content", type, "schema");
  if (wrong) throw new Error(`${where}: not as the API's description says: ${wrong}\n${JSON.stringify(json).slice(0, 2000)}`);
}

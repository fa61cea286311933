// usage: node openapi.mjs DIRECTORY: prints one OpenAPI document made of base.json and the other files of the directory,
// each of which has the `paths` and `schemas` of one resource.
import fs from "node:fs";
import path from "node:path";

const read = (file) => {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (e) {
    throw new Error(`${file}: ${e.message}`);
  }
};

/** Adds each of the members to `into`; one that is there already is a mistake of whoever wrote the file. */
function add(into, members = {}, file, what) {
  for (const [name, value] of Object.entries(members)) {
    if (name in into) throw new Error(`${file}: ${what} ${name} is in another file, too`);
    into[name] = value;
  }
}

export function openapi(directory) {
  const doc = read(path.join(directory, "base.json"));
  for (const name of fs.readdirSync(directory).sort()) {
    if (!name.endsWith(".json") || name === "base.json") continue;
    const part = read(path.join(directory, name));
    const strange = Object.keys(part).find((key) => key !== "paths" && key !== "schemas");
    if (strange !== undefined) throw new Error(`${name}: "${strange}"; only paths and schemas belong here`);
    add(doc.paths, part.paths, name, "path");
    add(doc.components.schemas, part.schemas, name, "schema");
  }
  return doc;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  try {
    process.stdout.write(`${JSON.stringify(openapi(process.argv[2]))}\n`);
  } catch (e) {
    process.stderr.write(`openapi.mjs: ${e.message}\n`);
    process.exitCode = 1;
  }
}

// Runs one department's portal.
import { join } from "node:path";
import { Child, firstLine } from "./child.mjs";

/**
 * Resolves with the Child when the portal listens. spawn gets the function that makes the Child, for who keeps
 * a list of children.
 */
export async function startPortal(programs, program, place, onLine, { detached = false, spawn = (make) => make() } = {}) {
  const { address, port, data, department, departmentEn } = place;
  const args = ["--port", String(port), "--data", data, "--department", department, "--department-en", departmentEn];
  if (address) args.push("--address", address);
  let child;
  await firstLine((see) => {
    const both = (line) => {
      see(line);
      onLine(line);
    };
    child = spawn(() => new Child(program, join(programs, program), args, { detached, onLine: both }));
    return child;
  }, /^listening on /);
  return child;
}

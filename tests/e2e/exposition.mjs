// A strict reader of the Prometheus text format 0.0.4: what it does not understand, or what two readers might
// understand in two ways, is an error. https://prometheus.io/docs/instrumenting/exposition_formats/
import assert from "node:assert/strict";

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/, LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const TYPES = new Set(["counter", "gauge", "histogram"]);
const NUMBER = /^(?:[+-]Inf|NaN|[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)$/;

function numberOf(text, line) {
  assert.match(text, NUMBER, line);
  return text === "NaN" ? NaN : text.endsWith("Inf") ? (text[0] === "-" ? -Infinity : Infinity) : Number(text);
}

/** {name="value",...} -> {name: value}; every escape is one of the three that there are. */
function labelsOf(text, line) {
  const labels = {};
  for (let rest = text; rest !== ""; ) {
    const found = /^(\w+)="((?:[^"\\\n]|\\[\\"n])*)"(,(?=.)|$)/.exec(rest);
    assert.ok(found, `labels: ${line}`);
    const [whole, name, value] = found;
    assert.match(name, LABEL, line);
    assert.ok(!name.startsWith("__") && !(name in labels), line);
    labels[name] = value.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));
    rest = rest.slice(whole.length);
  }
  return labels;
}

function sampleOf(line) {
  const found = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line);
  assert.ok(found, `no sample: ${line}`);
  assert.match(found[1], NAME, line);
  return { name: found[1], labels: labelsOf(found[2] ?? "", line), value: numberOf(found[3], line), line };
}

const keyOf = (labels) => JSON.stringify(Object.entries(labels).sort());

function checkHistogram(family) {
  const groups = new Map();
  for (const { name, labels: { le, ...labels }, value, line } of family.samples) {
    const group = groups.get(keyOf(labels)) ?? { buckets: [] };
    groups.set(keyOf(labels), group);
    const part = name.slice(family.name.length);
    assert.equal(le !== undefined, part === "_bucket", line);
    if (part === "_bucket") group.buckets.push([numberOf(le, line), value]);
    else group[part] = value;
  }
  for (const [key, { buckets, _sum, _count }] of groups) {
    const where = `${family.name} ${key}`;
    assert.ok(buckets.length >= 2, where);
    for (let i = 1; i < buckets.length; i++) {
      assert.ok(buckets[i][0] > buckets[i - 1][0], `${where}: bounds rise`);
      assert.ok(buckets[i][1] >= buckets[i - 1][1], `${where}: buckets are summed up`);
    }
    assert.equal(buckets.at(-1)[0], Infinity, `${where}: +Inf is there`);
    assert.equal(buckets.at(-1)[1], _count, `${where}: and holds all`);
    assert.ok(Number.isFinite(_sum) && _sum >= 0, `${where}: a sum`);
  }
}

function checkFamily(family) {
  const { name, type, samples } = family;
  assert.ok(samples.length > 0, `${name} has no sample`);
  assert.equal(type === "counter", name.endsWith("_total"), `${name}: counters, and they alone, end with _total`);
  for (const { name: sample, value, line } of samples) {
    assert.ok(type === "histogram" ? ["_bucket", "_sum", "_count"].some((s) => sample === name + s) : sample === name, `${line} is none of ${name}`);
    if (type !== "gauge") assert.ok(Number.isFinite(value) && value >= 0, line);
    if (type === "histogram" && !sample.endsWith("_sum")) assert.ok(Number.isInteger(value), line);
  }
  if (type === "histogram") checkHistogram(family);
}

/** The families by name: {name, help, type, samples: [{name, labels, value}]}. */
export function parseExposition(text) {
  const families = new Map(), seen = new Set();
  let family;
  assert.ok(text.endsWith("\n"), "the last line ends");
  const lines = text.slice(0, -1).split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i], help = /^# HELP (\S+) (\S.*)$/.exec(line);
    if (!help) {
      assert.ok(!line.startsWith("#"), `unexpected: ${line}`);
      assert.ok(family, `before any family: ${line}`);
      const sample = sampleOf(line), key = sample.name + keyOf(sample.labels);
      assert.ok(!seen.has(key), `twice: ${line}`);
      seen.add(key);
      family.samples.push(sample);
      continue;
    }
    const [, name, said] = help, type = /^# TYPE (\S+) (\S+)$/.exec(lines[++i]);
    assert.match(name, NAME);
    assert.equal(type?.[1], name, `TYPE follows HELP: ${line}`);
    assert.ok(TYPES.has(type[2]), lines[i]);
    assert.ok(!families.has(name), `${name} twice`);
    families.set(name, (family = { name, help: said, type: type[2], samples: [] }));
  }
  families.forEach(checkFamily);
  return families;
}

/** The value of the one series of this name with exactly these labels. */
export function valueOf(families, name, labels = {}) {
  const family = families.get(name) ?? families.get(name.replace(/_(?:bucket|sum|count)$/, ""));
  const found = family?.samples.filter((s) => s.name === name && keyOf(s.labels) === keyOf(labels)) ?? [];
  assert.equal(found.length, 1, `${name} ${JSON.stringify(labels)}`);
  return found[0].value;
}

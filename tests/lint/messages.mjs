// usage: node messages.mjs ROOT: every sentence that may become a check's public message has its Chinese in
// scoreboard/src/i18n/messages.zh-CN.json, with the same values, and the table has none that nobody says.
//
// A message is put together in many places, so this does not follow it: whatever reads like words in a file that
// takes part in a check is taken for a sentence, unless the call it stands in is known to speak to organizers
// only. Whoever writes a new one translates it, or says here why no department reads it.
import fs from "node:fs";
import path from "node:path";

const root = process.argv[2] ?? ".";
const TABLE = "scoreboard/src/i18n/messages.zh-CN.json";
const problems = [];
const bad = (text) => problems.push(text);

/* Files of the checker whose texts are for others. */
const SILENT = [
  /^(main|link|protocol|sandbox|seccomp|site|random|launcher_user|warm_source)\.c$/, // starting up, the line to drilld
  /^(program\w*|pattern|http_plan|tcp_plan|tls_plan)\.c$/, // reading a challenge: for its author, before the drill
  /^(html|html_text|page|page_hidden|filter)\.c$/, // what they find is for the trace
];
const SERVER = ["dispatch/dispatch.c", "dispatch/tick.c", "api/drill_private.h", "api/api_history.c", "base/certificate.c"];

/* Words in the other files that no department reads. */
const UNSAID = [
  // names in the trace, and what random values are made from
  "%s[tick %d slot %d] variant %d", "%s variant %d", "%s[tick %d slot %d]", "+%lld ms ", "level %lld", "eno %s %zu", "eno task %s %s %d", "check %s %s %s %d %d",
  // lines of a checkerscript that are traced and passed over
  "there is no action \"%.*s\"", "LOG: its param has no string \"message\"", "it has no \"action\" (a string) and \"param\"",
  // what is sent to systems, or looked for in what they say
  "flag %u", "Content-Type: text/plain; charset=utf-8", "Content-Type: application/x-www-form-urlencoded", "Content-Type: application/json",
  "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Select failed", "RFB ddd.ddd\n",
  // facts of a greeting, for rules
  "tls required", "tls not allowed", "no certificate", "inconsistent flags", "nla required", "tls with user authentication required",
  // reading a challenge
  "an address", "a line of a talk", "more than %d programs", "a second program for the challenge %s",
  // for the log, and for who starts the checker
  "it does not report an end", "it has ended", "external programs cannot be run:", "no socket pair: %s", "no process for the launcher: %s",
  // the beginnings of "cannot make PATH: ERROR", which are translated as wholes
  "cannot make a scratch directory in", "cannot give away a scratch directory in", "cannot make", "cannot open",
  // a checker's faults against the protocol, for the log
  "\"ready\" comes once, at the start", "a result for job %llu, which this checker does not have", "a trace of %zu bytes; at most %d are taken", "this checker has ended",
  // answers of the API
  "ticks %d to %d: the first is after the last", "ticks %d to %d: at most %d at once", "no system \"%.64s\"", "too much is being looked up; try again",
];

/* Calls whose texts no department reads: the trace, the log, what is sent or compared. */
const PRIVATE = /^(report_trace|trace_\w+|log_\w+|buf_\w+|fact_\w+|memcmp|strn?cmp|strcspn|fopen|chk_\w+)$/;
/* Of why_set: for the challenge's author, or for the trace. */
const PRIVATE_WHY = /^(r->why|l->detail|detail)$/;

function unescape(text) {
  const known = { n: "\n", r: "\r", t: "\t", 0: "\0" };
  return text.replace(/\\(x[0-9a-f]{1,2}|[0-7]{1,3}|.)/gi, (_, c) => known[c] ?? (/^[0-7x]/.test(c) ? "\u0001" : c));
}

/* What matters of C here: strings, names, marks; comments, characters and directives are left out. */
function* tokens(text) {
  const token = /\/\*[^]*?\*\/|\/\/[^\n]*|^[ \t]*#(?:\\\n|[^\n])*|'(?:\\.|[^'\\])+'|"((?:\\.|[^"\\])*)"|(\w+(?:(?:->|\.)\w+)*)|(\S)/gm;
  for (const m of text.matchAll(token)) {
    const line = () => text.slice(0, m.index).split("\n").length;
    if (m[1] !== undefined) yield { string: unescape(m[1]), line };
    else if (m[2] !== undefined) yield { name: m[2], line };
    else if (m[3] !== undefined) yield { mark: m[3], line };
  }
}

/* NAME -> text, of every #define that is made of strings. */
function readMacros(files) {
  const bodies = new Map(), texts = new Map();
  for (const file of files)
    for (const [, name, body] of fs.readFileSync(file, "utf8").matchAll(/^#define (\w+)[ \t]+((?:\w+[ \t]+|\\\n[ \t]*)*"(?:\\\n|[^\n])*)$/gm))
      bodies.set(name, body.replaceAll("\\\n", " "));
  const expand = (name) => {
    if (!texts.has(name)) texts.set(name, [...tokens(bodies.get(name))].map((t) => t.string ?? (bodies.has(t.name) ? expand(t.name) : "")).join(""));
    return texts.get(name);
  };
  for (const name of bodies.keys()) expand(name);
  return texts;
}

/* True if one of the calls that a string stands in speaks to organizers only. */
function isPrivate(calls) {
  return calls.some((c) => PRIVATE.test(c.name) || (c.name === "why_set" && PRIVATE_WHY.test(c.first)));
}

/* Two words or values with a blank between, and one word at least. "NAME: %s" is a name before a message. */
function readsLikeWords(text) {
  const bare = text.replace(/%[\d.*]*(?:ll|z)?[a-z]/g, "%");
  return /[a-z%][\w'.,:%]* ['"%]?[a-z%]/i.test(bare) && /[a-z]{2}/i.test(bare) && !/^\w+: %$/.test(bare);
}

/* The texts of a file, strings that follow each other joined as the compiler joins them. */
function* sentences(file, macros) {
  const calls = [];
  let text = null, line = 0, name = "";
  const flush = function* () {
    if (text !== null && readsLikeWords(text) && !isPrivate(calls)) yield { text, line };
    text = null;
  };
  for (const t of tokens(fs.readFileSync(file, "utf8"))) {
    const part = t.string ?? (macros.has(t.name) ? macros.get(t.name) : undefined);
    if (part !== undefined) {
      if (text === null) line = t.line();
      text = (text ?? "") + part;
      continue;
    }
    yield* flush();
    if (t.mark === "(") calls.push({ name, first: "" });
    else if (t.mark === ")") calls.pop();
    else if (t.mark === ";" || t.mark === "{" || t.mark === "}") calls.length = t.mark === ";" ? calls.length : 0;
    else if (t.name && calls.length > 0 && calls.at(-1).first === "") calls.at(-1).first = t.name;
    name = t.name ?? "";
  }
  yield* flush();
}

function filesOf(folder, ending) {
  const at = path.join(root, folder);
  return fs.readdirSync(at, { recursive: true }).filter((f) => ending.test(f)).sort().map((f) => path.join(at, f));
}

const isHeader = (file) => file.endsWith(".h");
const where = (file, s) => `${path.relative(root, file)}:${s.line}`;

/* Of a header: the texts that its macros name. */
function* named(file) {
  for (const text of readMacros([file]).values()) yield { text, line: 1 };
}

/* A placeholder glued to a word is its ending ("day%s"), which Chinese does without. */
function valuesOf(format) {
  return [...format.matchAll(/(\w)?%[\d.*]*(?:ll|z)?([dus%])/g)].filter((m) => m[2] !== "%").map((m) => Boolean(m[1]));
}

function checkEntry(format, chinese) {
  if (chinese === "" || chinese === format) bad(`${TABLE}: ${JSON.stringify(format)} has no Chinese`);
  const used = [...chinese.matchAll(/\{(?:message )?(\d)\}/g)].map((m) => Number(m[1]));
  const values = valuesOf(format);
  values.forEach((ending, i) => {
    if (used.filter((n) => n === i + 1).length !== (ending ? 0 : 1)) bad(`${TABLE}: ${JSON.stringify(format)}: {${i + 1}} must be there ${ending ? "not at all" : "once"}`);
  });
  for (const n of used) if (n < 1 || n > values.length) bad(`${TABLE}: ${JSON.stringify(format)} has no value {${n}}`);
}

const macros = readMacros([...filesOf("checker", /\.[ch]$/), ...filesOf("server", /\.[ch]$/)]);
const checker = filesOf("checker", /\.c$/).filter((f) => !SILENT.some((s) => s.test(path.basename(f))));
const server = SERVER.map((f) => path.join(root, "server", f));
const table = JSON.parse(fs.readFileSync(path.join(root, TABLE), "utf8"));
const translated = { ...table.sentences, ...table.parts };
const unsaid = new Set(UNSAID), said = new Set();

for (const file of [...checker, ...server]) {
  for (const s of isHeader(file) ? named(file) : sentences(file, macros)) {
    said.add(s.text);
    if (!(s.text in translated) && !unsaid.has(s.text)) bad(`${where(file, s)}: ${JSON.stringify(s.text)} is not in ${TABLE}`);
  }
}
for (const [format, chinese] of Object.entries(translated)) checkEntry(format, chinese);
for (const format of Object.keys(table.sentences)) if (!said.has(format)) bad(`${TABLE}: nobody says ${JSON.stringify(format)}`);
for (const text of unsaid) if (!said.has(text)) bad(`messages.mjs: UNSAID has ${JSON.stringify(text)}, which is nowhere`);
for (const text of unsaid) if (text in translated) bad(`messages.mjs: UNSAID has ${JSON.stringify(text)}, which is translated`);

for (const p of problems) console.log(p);
process.exit(problems.length > 0 ? 1 : 0);

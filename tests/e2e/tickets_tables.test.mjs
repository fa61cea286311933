// Tickets as tables: lists that come in as CSV in two charsets, all or nothing; the ledger that goes out as CSV and XLSX.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { drillctl, run, startDrill } from "./lib.mjs";

const PATH = "/api/v1/tickets";
const HEAD = "部门,系统,资产,问题名称,问题类别,严重程度,问题来源,问题证据\r\n";

describe("tables of tickets", () => {
  let drill, dir;
  before(async () => {
    drill = await startDrill({ departments: 2 });
    dir = mkdtempSync(join(tmpdir(), "drill-tickets-"));
  });
  after(() => {
    rmSync(dir, { recursive: true });
    return drill.close();
  });

  const send = (body, query = "", as = "judge") => drill.as(as, "POST", `${PATH}/import${query}`, { body, headers: { "content-type": "text/csv" } });
  const count = async () => (await drill.as("admin", "GET", `${PATH}/summary`)).json.all;
  /** The same text in GB18030, by iconv. */
  const gb18030 = async (text) => {
    writeFileSync(join(dir, "utf8"), text);
    const made = await run("sh", ["-c", `iconv -f UTF-8 -t GB18030 "${join(dir, "utf8")}"`], { encoding: "buffer" });
    return made.stdout;
  };

  test("a list comes in whole, in UTF-8 and in GB18030, words in both languages; a dry run only looks", async () => {
    const rows = 'dept-1,dept-1-notes,,登录处注入,注入,严重,现场检查 12,"证据，第一行\n第二行"\r\ndept-2,,LED 屏,Default password,weak_password,High,,\r\n';
    const dry = await send(HEAD + rows, "?dry_run=1");
    assert.deepEqual([dry.status, dry.json], [200, { tickets: 2, dry_run: true, first: null }], dry.text);
    assert.equal(await count(), 0);
    const utf8 = await send("\ufeff" + HEAD + rows);
    assert.deepEqual(utf8.json, { tickets: 2, dry_run: false, first: 1 }, utf8.text);
    const gb = await send(await gb18030(HEAD + rows), "", "admin");
    assert.deepEqual(gb.json, { tickets: 2, dry_run: false, first: 3 }, gb.text);
    for (const id of [1, 3]) {
      const { json } = await drill.as("judge", "GET", `${PATH}/${id}`);
      assert.equal(json.title, "登录处注入");
      assert.equal(json.evidence, "证据，第一行\n第二行");
      assert.deepEqual([json.class, json.severity, json.source, json.system, json.state], ["injection", "critical", "inspection:12", "dept-1-notes", "registered"]);
    }
    const second = (await drill.as("judge", "GET", `${PATH}/2`)).json;
    assert.deepEqual([second.department, second.asset, second.class, second.severity, second.source], ["dept-2", "LED 屏", "weak_password", "high", "manual"]);
  });

  test("every mistake has its line and column, and nothing is registered", async () => {
    const before = await count();
    const rows = [
      "dept-1,dept-1-notes,,fine,注入,严重,,", "dept-9,,x,t,注入,严重,,", "dept-1,dept-2-notes,,,运气,最大,result,", "dept-1,,,no system,注入,严重,,", `dept-1,,x,${"长".repeat(101)},注入,严重,,`,
    ];
    const answer = await send(HEAD + rows.join("\r\n"));
    assert.equal(answer.status, 400);
    assert.equal(answer.headers["content-type"], "application/problem+json");
    assert.deepEqual(answer.json.mistakes.map((m) => [m.line, m.column]), [[3, 1], [4, 8], [4, 22], [4, 23], [4, 26], [4, 29], [5, 8], [6, 11]], answer.text);
    assert.match(answer.text, /no department/);
    assert.match(answer.text, /has no system/);
    assert.match(answer.text, /at most 300/);
    assert.equal(await count(), before);
    const many = await send(HEAD + "nobody,,x,t,注入,严重,,\r\n".repeat(150));
    assert.equal(many.json.mistakes.length, 100);
    for (const [body, status, says] of [
      ["", 400, /./], ["标题\r\nx", 400, /标题/], ["部门,部门\r\n", 400, /twice/], ["部门\r\nx", 400, /title/], [HEAD + "a,b\r\n", 400, /line 2/], [HEAD + '"open', 400, /line 2/],
      [Buffer.from([0xff, 0xff, 0x41]), 400, /./], [Buffer.concat([Buffer.from(HEAD), Buffer.from([0xff])]), 400, /byte/], [HEAD + "dept-1,,x,t,注入,严重,,\r\n".repeat(5001), 413, /5000|5001/],
      ["x".repeat(2 * 1024 * 1024 + 1), 413, /./],
    ]) {
      const bad = await send(body);
      assert.equal(bad.status, status, bad.text);
      assert.match(bad.text, says);
    }
    assert.equal((await send(HEAD, "?dry_run=2")).status, 400);
    assert.equal(await count(), before);
  });

  test("what is no list in pages takes neither after nor limit", async () => {
    for (const query of ["after=1", "limit=1"]) {
      for (const path of [`${PATH}.csv`, `${PATH}.xlsx`, "/api/v1/assets.csv", "/api/v1/assets.xlsx", "/api/v1/accounts.csv", "/api/v1/accounts.xlsx", `${PATH}/1/notice`]) {
        const answer = await drill.as("admin", "GET", `${path}?${query}`);
        assert.equal(answer.status, 400, path);
        assert.match(answer.json.detail, /is not a parameter/);
      }
      assert.equal((await send(HEAD, `?${query}`)).status, 400);
    }
  });

  test("who may: as the list and its registering", async () => {
    for (const who of ["leader", "dept-1-blue", "red-1"]) assert.equal((await send(HEAD, "", who)).status, 403, who);
    for (const path of [".csv", ".xlsx"]) {
      assert.equal((await drill.as("red-1", "GET", PATH + path)).status, 403);
      assert.equal((await drill.call("GET", PATH + path)).status, 401);
    }
    assert.equal((await drill.call("POST", `${PATH}/import`, { body: HEAD })).status, 401);
  });

  test("the ledger has a row for each ticket that the list has, heads and words in the language asked for", async () => {
    assert.equal((await drill.as("director", "POST", `${PATH}/1/notify`, { body: {} })).status, 200);
    const danger = await drill.as("judge", "POST", PATH, { body: { department: "dept-1", asset: "x", title: "=1+1", class: "other", severity: "low" } });
    assert.equal(danger.status, 201);
    const zh = await drill.as("director", "GET", `${PATH}.csv`);
    assert.equal(zh.headers["content-type"], "text/csv; charset=utf-8");
    assert.match(zh.headers["content-disposition"], /attachment; filename="tickets.csv"/);
    const lines = zh.text.split("\r\n").filter(Boolean);
    assert.ok(lines[0].startsWith("\ufeff通知书编号,登记号,"), lines[0]);
    assert.equal(lines.length, 1 + (await count()));
    assert.match(lines[1], /^dept-1-20\d\d-001,1,20\d\d-\d\d-\d\d \d\d:\d\d,dept-1,/);
    for (const part of ["注入", "严重", "现场检查 12", "已通知"]) assert.ok(lines[1].includes(part), part);
    assert.ok(zh.text.includes("'=1+1"));
    const en = await drill.as("director", "GET", `${PATH}.csv?lang=en&severity=low`);
    assert.match(en.text, /^\ufeffNotice number,Ticket,/);
    assert.equal(en.text.split("\r\n").filter(Boolean).length, 2);
    assert.equal((await drill.as("dept-1-blue", "GET", `${PATH}.csv`)).text.split("\r\n").filter(Boolean).length, 2);
    assert.equal((await drill.as("director", "GET", `${PATH}.csv?lang=fr`)).status, 400);
    assert.equal((await drill.as("director", "GET", `${PATH}.xlsx?x=1`)).status, 400);
  });

  test("the ledger comes in again as it went out, in both languages", async () => {
    for (const lang of ["zh", "en"]) {
      const ledger = await drill.as("director", "GET", `${PATH}.csv?lang=${lang}`);
      const dry = await send(ledger.text, "?dry_run=1");
      assert.equal(dry.status, 200, dry.text);
    }
    const wrong = await send("部门,问题名称,问题类别,严重程度,系 统\n");
    assert.match(wrong.json.detail, /there is no column "系 统"; there are: 部门, 系统, 资产, /);
    const lone = await send("title,class,severity,asset,department\nT,other,low,,dept-1\n");
    assert.deepEqual(lone.json.mistakes, [{ line: 2, column: 13, text: '"system" is expected: the system that it concerns, or "asset"' }]);
    assert.match((await drill.as("director", "GET", `${PATH}?state=opened`)).text, /; or open: all that are not closed/);
  });

  test("the workbook holds the same, as texts, numbers and dates", async () => {
    const { url, tokens } = drill;
    const answer = await fetch(`${url}${PATH}.xlsx`, { headers: { authorization: `Bearer ${tokens.director}` } });
    assert.equal(answer.headers.get("content-type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    const file = join(dir, "tickets.xlsx");
    writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
    const sheet = await run("python3", ["-c", `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    print(z.read("xl/workbook.xml").decode())
    print(z.read("xl/worksheets/sheet1.xml").decode())
`, file]);
    assert.equal(sheet.code, 0, sheet.output);
    assert.match(sheet.stdout, /整改台账/);
    assert.equal(sheet.stdout.match(/<row /g).length, 1 + (await count()));
    assert.ok(sheet.stdout.includes("=1+1") && !sheet.stdout.includes("<f>"), "a text, no formula");
    const { code, output } = await drillctl("verify", drill.data);
    assert.equal(code, 0, output);
  });
});

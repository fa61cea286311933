// Assets and posts: who keeps which, handovers, versions; assets and accounts as tables in and out; bad input; nobody else reads names.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { drillctl, run, startDrill } from "./lib.mjs";

const ASSETS = "/api/v1/assets", POSTS = "/api/v1/posts", ACCOUNTS = "/api/v1/accounts";
const BLUE = "dept-1-blue", OTHER = "dept-2-blue";
const PHONE = "+86 139-0000-4711", HOLDER = "Wang Wu", NEXT = "Zhao Liu";
const ROLES = { [BLUE]: "blue", "red-1": "red", judge: "judge", director: "director", leader: "leader", admin: "admin" };
const HEAD = "部门,资产名称,资产类型,暴露面,等保级别,演练系统,主管责任岗位,主管责任人,主管电话,备注\r\n";

const asset = (more = {}) => ({ name: "Portal", kind: "website", exposure: "internet", level: 3, address: "https://lib.example.edu", ...more });

describe("assets, posts and tables", () => {
  let drill, dir;
  before(async () => {
    drill = await startDrill({ departments: 2 });
    dir = mkdtempSync(join(tmpdir(), "drill-assets-"));
  });
  after(() => {
    rmSync(dir, { recursive: true });
    return drill.close();
  });

  const call = (as, method, path, body) => drill.as(as, method, path, { body });
  const csv = (as, path, body) => drill.as(as, "POST", path, { body, headers: { "content-type": "text/csv" } });
  const names = async (as, query = "") => (await call(as, "GET", `${ASSETS}${query}`)).json.map((a) => a.name);
  const gb18030 = async (text) => {
    writeFileSync(join(dir, "utf8"), text);
    return (await run("sh", ["-c", `iconv -f UTF-8 -t GB18030 "${join(dir, "utf8")}"`], { encoding: "buffer" })).stdout;
  };

  test("each route is for its roles alone", async () => {
    const read = ["blue", "director", "leader", "admin"], write = ["blue", "director", "admin"], admin = ["admin"];
    for (const [method, path, may] of [
      ["GET", ASSETS, read], ["POST", ASSETS, write], ["GET", `${ASSETS}/1`, read], ["PUT", `${ASSETS}/1`, write], ["POST", `${ASSETS}/1/verify`, write],
      ["POST", `${ASSETS}/1/retire`, write], ["GET", `${ASSETS}.csv`, read], ["GET", `${ASSETS}.xlsx`, read], ["POST", `${ASSETS}/import`, write],
      ["GET", POSTS, read], ["POST", POSTS, write], ["GET", `${POSTS}/1`, read], ["PUT", `${POSTS}/1`, write], ["POST", `${POSTS}/1/handover`, write],
      ["POST", `${POSTS}/1/retire`, write], ["GET", `${ACCOUNTS}.csv`, admin], ["GET", `${ACCOUNTS}.xlsx`, admin], ["POST", `${ACCOUNTS}/import`, admin],
    ]) {
      for (const [account, role] of Object.entries(ROLES)) {
        const { status } = await call(account, method, path, method === "GET" ? undefined : { nothing: 1 });
        assert.equal(status === 403, !may.includes(role), `${role} ${method} ${path}: ${status}`);
      }
      assert.equal((await drill.call(method, path, { body: method === "GET" ? undefined : {} })).status, 401);
    }
  });

  test("a post changes hands, what it answers for follows it; it is not retired while it has duties", async () => {
    const made = await call(BLUE, "POST", POSTS, { title: "Head of IT", holder: HOLDER, phone: PHONE });
    assert.equal(made.status, 201, made.text);
    const post = made.json.id;
    assert.equal((await call(BLUE, "POST", POSTS, { title: "Head of IT" })).status, 409);
    const created = await call(BLUE, "POST", ASSETS, { document: asset({ in_charge: post, system: "dept-1-notes" }) });
    assert.equal(created.status, 201, created.text);
    assert.deepEqual(created.json.in_charge, { post, title: "Head of IT", holder: HOLDER, phone: PHONE });
    const over = await call(BLUE, "POST", `${POSTS}/${post}/handover`, { holder: NEXT, phone: PHONE });
    assert.deepEqual([over.json.holder, over.json.former[0].holder, over.json.duties], [NEXT, HOLDER, 1]);
    assert.equal((await call(BLUE, "GET", `${ASSETS}/${created.json.id}`)).json.in_charge.holder, NEXT);
    const retire = await call(BLUE, "POST", `${POSTS}/${post}/retire`, { reason: "gone" });
    assert.equal(retire.status, 409);
    assert.match(retire.text, /1 duties/);
    for (const who of ["director", "leader", "admin"]) assert.equal((await call(who, "GET", `${POSTS}/${post}`)).json.phone, PHONE, who);
    assert.equal((await call(OTHER, "GET", `${POSTS}/${post}`)).status, 404);
    assert.equal((await call(OTHER, "GET", `${ASSETS}/${created.json.id}`)).status, 404);
    assert.deepEqual((await call(OTHER, "GET", POSTS)).json, []);
  });

  test("an asset has versions; two at once: the second is told; another's posts and systems are not its own", async () => {
    const [{ id }] = (await call(BLUE, "GET", ASSETS)).json;
    const put = (version, document, as = BLUE) => call(as, "PUT", `${ASSETS}/${id}`, { version, document });
    assert.equal((await put(1, asset({ level: 2, vendor: "V", restore_tested: "2027-05-01" }))).json.version, 2);
    const late = await put(1, asset());
    assert.equal(late.status, 409);
    assert.match(late.text, /changed meanwhile/);
    assert.equal((await put(2, asset({ level: 3 }), "director")).json.version, 3);
    assert.equal((await put(3, asset(), OTHER)).status, 404);
    for (const [document, says] of [
      [asset({ system: "dept-2-notes" }), /no system/], [asset({ in_charge: 99 }), /no post 99/], [asset({ kind: "boat" }), /website, system/], [asset({ level: 6 }), /from 0 to 5/],
      [asset({ assessed: "yesterday" }), /a date such as/], [asset({ phone: PHONE }), /phone/], [asset({ name: "" }), /name/], [asset({ name: "a\u0007b" }), /name/], [[], /object/],
      ["[".repeat(60000), /object/],
    ]) {
      const bad = await put(3, document);
      assert.equal(bad.status, 400, bad.text);
      assert.match(bad.text, says);
    }
    const second = await call(OTHER, "POST", ASSETS, { document: asset({ name: "LED", kind: "led_screen", exposure: "isolated" }) });
    assert.equal(second.status, 201, second.text);
    assert.equal((await call(BLUE, "POST", ASSETS, { department: "dept-2", document: asset({ name: "x" }) })).status, 404);
    assert.equal((await call(BLUE, "POST", ASSETS, { document: asset() })).status, 409, "a name is a department's once");
    assert.equal((await call("admin", "POST", ASSETS, { document: asset() })).status, 400, "whose?");
    assert.deepEqual(await names("leader"), ["Portal", "LED"]);
    assert.deepEqual(await names("leader", "?kind=led_screen"), ["LED"]);
    assert.deepEqual(await names("leader", "?department=dept-1&level=3&exposure=internet&name=Port"), ["Portal"]);
    assert.deepEqual(await names(BLUE), ["Portal"]);
    assert.equal((await call("leader", "GET", `${ASSETS}?kind=boat`)).status, 400);
    assert.ok((await call(BLUE, "POST", `${ASSETS}/${id}/verify`, {})).json.verified_at);
    assert.equal((await call(OTHER, "POST", `${ASSETS}/${second.json.id}/retire`, { reason: "scrapped" })).status, 200);
    assert.equal((await call(OTHER, "POST", `${ASSETS}/${second.json.id}/retire`, { reason: "scrapped" })).status, 409);
    assert.deepEqual(await names("leader", "?retired=true"), ["LED"]);
  });

  test("a list of assets comes in whole with its posts, in UTF-8 and in GB18030; a dry run only looks", async () => {
    const rows = `dept-1,选课系统,信息系统,校园网,3,dept-1-notes,信息中心主任,张三,${PHONE},"=1+1"\r\ndept-1,机房交换机,网络设施,isolated,,,信息中心主任,,,\r\n`;
    const dry = await csv("director", `${ASSETS}/import?dry_run=1`, HEAD + rows);
    assert.deepEqual([dry.status, dry.json], [200, { assets: 2, posts: 1, dry_run: true }], dry.text);
    assert.deepEqual(await names(BLUE), ["Portal"]);
    const made = await csv("director", `${ASSETS}/import`, await gb18030(HEAD + rows));
    assert.deepEqual(made.json, { assets: 2, posts: 1, dry_run: false }, made.text);
    const [one] = (await call(BLUE, "GET", `${ASSETS}?name=%E9%80%89%E8%AF%BE`)).json;
    assert.deepEqual([one.kind, one.exposure, one.level, one.system, one.in_charge.holder, one.in_charge.phone], ["system", "campus", 3, "dept-1-notes", "张三", PHONE]);
    const own = await csv(BLUE, `${ASSETS}/import`, "name,kind,exposure\nOwn,data,department\n");
    assert.deepEqual(own.json, { assets: 1, posts: 0, dry_run: false }, own.text);
    assert.equal((await csv(OTHER, `${ASSETS}/import`, HEAD + rows)).status, 400, "another department's");
  });

  test("the inventory comes in again as it went out, in both languages", async () => {
    for (const lang of ["zh", "en"]) {
      const table = (await call("director", "GET", `${ASSETS}.csv?lang=${lang}`)).text.split("\r\n").filter(Boolean);
      const again = await csv("director", `${ASSETS}/import?dry_run=1`, table.join("\r\n"));
      assert.equal(again.json.mistakes?.length, table.length - 1, again.text);
      for (const { text } of again.json.mistakes) assert.match(text, /an asset of this name already/);
    }
  });

  test("every mistake has its line and column, and nothing is taken", async () => {
    const before = await names("leader");
    const rows = [
      "dept-1,fine,网站,internet,1,,,,,", "dept-9,a,网站,internet,,,,,,", "dept-1,,船,internet,9,dept-2-notes,,李四,,", "dept-1,fine,网站,internet,,,,,,",
      `dept-1,b,网站,internet,,,信息中心主任,王五,${PHONE},`, "dept-1,c,网站,internet,,,岗位,王五,call me,",
    ];
    const bad = await csv("admin", `${ASSETS}/import`, HEAD + rows.join("\r\n"));
    assert.equal(bad.status, 400);
    assert.equal(bad.headers["content-type"], "application/problem+json");
    assert.deepEqual(bad.json.mistakes.map((m) => [m.line, m.column]), [[3, 1], [4, 8], [4, 9], [4, 20], [4, 22], [4, 35], [5, 8], [6, 31], [7, 30]], bad.text);
    for (const says of [/no department/, /a name is expected/, /kind of asset/, /has no system/, /from 0 to 5/, /duties belong to posts/, /already/, /handover/, /phone number/]) assert.match(bad.text, says);
    for (const [body, status, says] of [
      ["", 400, /./], ["什么\r\nx", 400, /什么/], [Buffer.from([0xff, 0xff, 0x41]), 400, /./], [Buffer.concat([Buffer.from(HEAD), Buffer.from([0x81])]), 400, /./],
      [`${Array(1000).fill("x").join()}\n`.repeat(1000), 413, /column/], [`${HEAD}${"dept-1,x,网站,internet,,,,,,\r\n".repeat(2001)}`, 413, /2000|2001/], ["x".repeat(2 * 1024 * 1024 + 1), 413, /./],
    ]) {
      const refused = await csv("admin", `${ASSETS}/import`, body);
      assert.equal(refused.status, status, refused.text.slice(0, 300));
      assert.match(refused.text, says);
    }
    assert.deepEqual(await names("leader"), before);
  });

  test("accounts come in as a list and go out as the same list; no passwords, no tokens", async () => {
    const list = "id,role,team,department\r\nlib-second,blue,dept-1,\r\njudge-9,judge,,dept-2\r\n";
    const dry = await csv("admin", `${ACCOUNTS}/import?dry_run=1`, list);
    assert.deepEqual(dry.json, { accounts: 2, dry_run: true }, dry.text);
    assert.deepEqual((await csv("admin", `${ACCOUNTS}/import`, list)).json, { accounts: 2, dry_run: false });
    const bad = await csv("admin", `${ACCOUNTS}/import`, `${list}new,king,,\r\nnew-2,blue,red-1,\r\nnew-3,judge,dept-1,\r\nUpper,judge,,\r\nnew-4,judge,,\r\nnew-4,judge,,\r\nnew-5,blue,,\r\nnew-6,leader,,dept-1\r\nnew-7,judge,,red-1\r\n`);
    assert.deepEqual(bad.json.mistakes.map((m) => [m.line, m.column]), [[2, 1], [3, 1], [4, 5], [5, 12], [6, 13], [7, 1], [9, 1], [10, 12], [11, 15], [12, 14]], bad.text);
    for (const head of ["id,role,password", "id,role,token"]) {
      const refused = await csv("admin", `${ACCOUNTS}/import`, `${head}\nx,judge,secret\n`);
      assert.equal(refused.status, 400);
      assert.doesNotMatch(refused.text, /secret/);
    }
    assert.equal((await call("admin", "GET", ACCOUNTS)).json.find((a) => a.id === "judge-9").department, "dept-2");
    const out = await call("admin", "GET", `${ACCOUNTS}.csv?lang=en`);
    assert.match(out.text, /^\ufeffid,role,team,department\r\n/);
    assert.match(out.text, /\r\nlib-second,blue,dept-1,\r\njudge-9,judge,,dept-2\r\n$/);
    assert.match((await call("admin", "GET", `${ACCOUNTS}.csv`)).text, /^\ufeff账号,角色,队伍,所属部门\r\n/);
    assert.equal((await csv("admin", `${ACCOUNTS}/import`, out.text)).json.mistakes.length, (await call("admin", "GET", ACCOUNTS)).json.length, "each is there already");
  });

  test("the inventory goes out as CSV and as a workbook, in two languages, to each what it may see", async () => {
    const zh = await call("leader", "GET", `${ASSETS}.csv`);
    assert.equal(zh.headers["content-type"], "text/csv; charset=utf-8");
    assert.match(zh.text, /^\ufeff资产编号,部门,资产名称,/);
    for (const part of ["选课系统", "信息系统", "校园网", "张三", PHONE, "'=1+1"]) assert.ok(zh.text.includes(part), part);
    assert.match((await call("leader", "GET", `${ASSETS}.csv?lang=en`)).text, /^\ufeffAsset,Department,Name,/);
    assert.doesNotMatch((await call(OTHER, "GET", `${ASSETS}.csv`)).text, /张三/);
    assert.equal((await call("leader", "GET", `${ASSETS}.csv?lang=fr`)).status, 400);
    for (const [who, path] of [["leader", ASSETS], ["admin", ACCOUNTS]]) {
      const answer = await fetch(`${drill.url}${path}.xlsx`, { headers: { authorization: `Bearer ${drill.tokens[who]}` } });
      assert.equal(answer.status, 200);
      const file = join(dir, "book.xlsx");
      writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
      const sheet = await run("python3", ["-c", `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    print(z.read("xl/worksheets/sheet1.xml").decode())
`, file]);
      assert.equal(sheet.code, 0, sheet.output);
      assert.ok(!sheet.stdout.includes("<f>"));
      assert.ok(sheet.stdout.includes(who === "leader" ? PHONE : "lib-second"));
    }
  });

  test("each hears over the live line of what it may see, without holders and phone numbers; nobody else hears anything", async () => {
    const who = [...Object.keys(ROLES), OTHER, undefined], lines = new Map();
    for (const account of who) lines.set(account, await drill.live(undefined, account ? { account } : {}));
    const post = (await call(BLUE, "POST", POSTS, { title: "Duty", holder: HOLDER, phone: PHONE })).json.id;
    await call(BLUE, "POST", `${POSTS}/${post}/handover`, { holder: NEXT, phone: PHONE });
    const { id } = (await call("director", "POST", ASSETS, { department: "dept-1", document: asset({ name: "Mail", in_charge: post }) })).json;
    await call(BLUE, "POST", `${ASSETS}/${id}/verify`, {});
    await drill.as("director", "POST", "/api/v1/announcements", { body: { title: "The end", text: "x" } });
    for (const account of who) {
      const line = lines.get(account);
      await line.delta((d) => d.title === "The end");
      const heard = line.deltas.filter((d) => /^(asset|post)\./.test(d.kind));
      const may = [BLUE, "director", "leader", "admin"].includes(account);
      assert.deepEqual(heard.map((d) => d.kind), may ? ["post.created", "post.handed_over", "asset.created", "asset.verified"] : [], String(account));
      for (const text of [PHONE, HOLDER, NEXT]) assert.ok(!JSON.stringify(heard).includes(text), text);
      line.close();
    }
  });

  test("names and phone numbers are in no event's body, in no log, on no board; the journal is whole", async () => {
    const bodies = JSON.stringify((await drill.events()).map((e) => e.body));
    const board = (await drill.call("GET", "/api/v1/board")).text;
    for (const text of [PHONE, HOLDER, NEXT, "张三", "Head of IT"]) {
      assert.ok(!bodies.includes(text), text);
      assert.ok(!board.includes(text), text);
      assert.ok(!drill.output.includes(text), text);
    }
    const { code, output } = await drillctl("verify", drill.data);
    assert.equal(code, 0, output);
  });

  test("all of it is there after a restart", async () => {
    const state = async () => JSON.stringify([(await call("admin", "GET", ASSETS)).json, (await call("admin", "GET", POSTS)).json, (await call("admin", "GET", `${ASSETS}/1`)).json, (await call("admin", "GET", ACCOUNTS)).json]);
    const before = await state();
    await drill.kill9();
    await drill.restart();
    assert.equal(await state(), before);
  });
});

// A check's public message on the Chinese page: the checker's own sentences in Chinese, everybody else's as they are.
// That the table has all of them is for tests/lint/messages.mjs to say.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { importPageModule, ROOT } from './lib.mjs'

const { messageIn } = await importPageModule('i18n/messages.ts')
const table = JSON.parse(readFileSync(join(ROOT, 'scoreboard/src/i18n/messages.zh-CN.json'), 'utf8'))
const zh = (message) => messageIn('zh-CN', message)

function says(message, chinese) {
  assert.equal(zh(message), chinese)
  assert.equal(messageIn('en', message), message)
}

test('a fixed sentence is said in Chinese, its values in their places', () => {
  says('the page has content from elsewhere', '页面中有来自外部站点的内容（疑似被植入）')
  says('status 500, expected 200', '状态码 500，应为 200')
  says('status 500, expected 200 or 302 or 303', '状态码 500，应为 200 或 302 或 303')
  says('12 bytes, at least 400 expected', '大小 12 字节，应不少于 400 字节')
  says('3 of 5 echoes were lost, at most 20 % expected', '5 个 ICMP 回显丢失 3 个，丢包率应不超过 20%')
  says('its certificate ended 1 day ago', '证书已过期 1 天')
  says('its certificate ended 12 days ago', '证书已过期 12 天')
  says('not checked: the organizers have put checks of this system on hold', '未检测：组织方已暂停检测该系统')
  says('not checked: the checkers could not keep up: at most 2 checks of 机房 A run at once', '未检测：检测器来不及检测：机房 A 的检测最多同时进行 2 个')
  says('checker died', '检测器异常退出')
})

test('what comes after the name of a step is, too; the name stays, with its colons', () => {
  says('front page: status 500, expected 200', 'front page：状态码 500，应为 200')
  says('登录: timed out after 5003 ms', '登录：5003 毫秒后超时')
  says('mail: box: connection refused', 'mail: box：连接被拒绝')
  says('flag of tick 7: read back: the answer lacks an expected text', '第 7 轮的旗：read back：应答中缺少应有的内容')
})

test('a sentence within a sentence, and the words of a library', () => {
  says("service: the checker's service has failed: connection refused", '检测服务出错（查询服务信息）：连接被拒绝')
  says("putflag: the checker's service has failed: it answered with status 502", '检测服务出错（putflag）：其应答状态码为 502')
  says('shop: the TLS handshake failed: wrong version number', 'shop：TLS 握手失败：对方未使用 TLS 协议')
  says('the checker could not be started: cannot run /opt/check: Permission denied', '检测程序无法启动：无法运行 /opt/check：权限不足')
  says('the checker was ended by signal 11 (Segmentation fault)', '检测程序被信号 11 终止（段错误）')
  says('its name cannot be resolved: some new reason', '系统的域名无法解析：some new reason')
})

test("an author's message stays as it is, whatever it has in common with a sentence", () => {
  const messages = [
    '', 'login page is broken', '登录失败: 密码错误', 'connection refused by the mail server', 'cannot connect: [Errno 111]',
    'status five hundred, expected 200', 'is missing', 'cannot open the page: 404', 'user or password is wrong', 'a: b: c', ': : :', '{1} %s $1',
  ]
  for (const message of messages) says(message, message)
  says('flag of tick 3: cannot run query: no table', '第 3 轮的旗：cannot run query: no table')
  says("front page: $& $1: connection refused", 'front page: $& $1：连接被拒绝')
  says('header $& is missing', '缺少响应头 $&')
})

test('every sentence of the table is found by its own form', () => {
  for (const [format, chinese] of Object.entries(table.sentences)) {
    const message = format.replace(/%[\d.*]*(?:ll|z)?([dus%])/g, (_, kind) => (kind === '%' ? '%' : kind === 's' ? 'x' : '7'))
    const values = [...format.matchAll(/%[\d.*]*(?:ll|z)?([dus])/g)].map((m) => (m[1] === 's' ? 'x' : '7'))
    assert.equal(zh(message), chinese.replace(/\{(?:message )?(\d)\}/g, (_, i) => values[i - 1]), format)
  }
})

test('a long message made to be slow is not', () => {
  const start = process.cpuUsage() // not the clock: what else the machine does counts not
  for (const piece of [': ', 'x: ', 'flag of tick 1: ', '"', 'cannot start a: ', "x: the checker's service has failed: "]) zh(piece.repeat(1024 / piece.length) + '!')
  const ms = process.cpuUsage(start).user / 1000
  assert.ok(ms < 1000, `${ms} ms`)
})

// The page in a real browser against the real server: a drill runs, flags are taken, the server is killed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startDrill } from '../e2e/lib.mjs'
import { eventually, importPageModule, openBrowser, openPage } from './lib.mjs'

const { messageIn } = await importPageModule('i18n/messages.ts')
const at = (name) => `[data-test=${name}]`
const LIVE = `${at('connection')}[data-state=live]`
const total = (team) => `${at('ranking')} [data-team=${team}] ${at('total')}`
/** What the browser itself reports of a server that is gone. */
const GONE = /^error: (WebSocket connection to .* failed|Failed to load resource: net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE))/

let browser
before(async () => (browser = await openBrowser()))
after(() => browser?.close())

async function withPage(options, run) {
  const drill = await startDrill({ departments: 2, tick: 2000, flagTicks: 20, ticks: 600, timeoutMs: 2000, ...options })
  await browser.context.clearCookies()
  const page = await openPage(browser.context)
  try {
    await drill.start()
    await run({ drill, page })
  } finally {
    await page.close()
    await drill.close()
  }
}

test('a captured flag and its points appear without a reload, and nothing offends the policy', () =>
  withPage({}, async ({ drill, page }) => {
    await page.goto(drill.url)
    await page.waitForSelector(LIVE)
    await page.evaluate(() => (window.sameDocument = true))
    await page.waitForSelector('[data-system=dept-1-notes][data-status=ok]')
    const before = Number(await page.textContent(total('red-1')))
    const { flag } = await drill.flag('dept-1-notes')
    assert.equal((await drill.submit('red-1', [flag])).json[0].verdict, 'ok')
    await page.locator(at('feed-capture')).filter({ hasText: 'red-1' }).first().waitFor()
    const { ranking } = await drill.untilBoard((b) => b.ranking.find((r) => r.team === 'red-1')?.total > 0, 'the points')
    const points = ranking.find((r) => r.team === 'red-1').total.toFixed(1)
    await page.locator(total('red-1')).filter({ hasText: points }).waitFor()
    assert.ok(Number(points) > before)
    drill.system('dept-2-notes').mode = 'broken'
    await page.waitForSelector('[data-system=dept-2-notes][data-status=mumble]')
    const { head } = await drill.board()
    assert.match(head, /^[0-9a-f]{64}$/)
    assert.match(await page.getAttribute(at('head'), 'data-head'), /^[0-9a-f]{64}$/)
    assert.equal(await page.evaluate(() => window.sameDocument), true)
    assert.deepEqual(page.complaints, [])
  }))

test('kill -9 of the server: the page says so, comes back by itself and shows what has happened since', () =>
  withPage({}, async ({ drill, page }) => {
    await page.goto(drill.url)
    await page.waitForSelector(LIVE)
    await page.evaluate(() => (window.sameDocument = true))
    await page.waitForSelector('[data-system=dept-2-notes][data-status=ok]')
    await drill.kill9()
    await page.waitForSelector(`${at('connection')}[data-state=reconnecting]`)
    drill.system('dept-2-notes').mode = 'broken'
    await drill.restart()
    const { flag } = await drill.flag('dept-1-notes')
    assert.equal((await drill.submit('red-1', [flag])).json[0].verdict, 'ok')
    await page.waitForSelector(LIVE)
    await page.waitForSelector('[data-system=dept-2-notes][data-status=mumble]')
    await page.locator(at('feed-capture')).filter({ hasText: 'red-1' }).first().waitFor()
    const { drill: { tick } } = await drill.board()
    await eventually(async () => Number(/^\d+/.exec(await page.textContent(at('tick')))?.[0]) >= tick + 2)
    assert.equal(await page.evaluate(() => window.sameDocument), true)
    assert.deepEqual(page.complaints.filter((c) => !GONE.test(c)), [])
  }))

test("a department that signs in sees its own system's message, live, and not another department's", () =>
  withPage({}, async ({ drill, page }) => {
    const password = await drill.newPassword('dept-1-blue')
    drill.systems.forEach((s) => (s.mode = 'broken'))
    await page.goto(`${drill.url}/login`)
    await page.fill('#account', 'dept-1-blue')
    await page.fill('#password', password)
    await page.keyboard.press('Enter')
    await page.locator(at('account')).filter({ hasText: 'dept-1-blue' }).waitFor()
    await page.waitForSelector('[data-system=dept-2-notes][data-status=mumble]')
    const own = (board) => board.systems.find((s) => s.id === 'dept-1-notes')
    const { message } = own(await drill.untilBoard((b) => own(b).status === 'mumble', 'a failed check'))
    assert.match(message, /^keep: /)
    assert.notEqual(messageIn('zh-CN', message), message)
    await page.locator(at('own')).filter({ hasText: messageIn('zh-CN', message) }).waitFor()
    drill.system('dept-1-notes').mode = 'forgets'
    await page.locator(at('own')).filter({ hasText: 'read back' }).waitFor()
    // the past of its own, with the message that is no longer the last one
    await page.click(`${at('own')} [data-own=dept-1-notes] button`)
    await page.locator(`${at('history')} [data-tick]`).filter({ hasText: messageIn('zh-CN', message) }).first().waitFor()
    await page.locator(`${at('history')} [data-tick]`).filter({ hasText: 'read back' }).first().waitFor()
    await page.keyboard.press('Escape')
    await page.waitForSelector(at('history'), { state: 'detached' })
    const asked = (id) => page.evaluate((path) => fetch(path).then((r) => r.status), `/api/v1/systems/${id}/checks`)
    assert.deepEqual([await asked('dept-1-notes'), await asked('dept-2-notes')], [200, 404])
    const [cookie] = await browser.context.cookies()
    assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite], ['drill_session', true, 'Strict'])
    await page.click(at('sign-out'))
    await page.waitForSelector(at('own'), { state: 'detached' })
    await page.waitForSelector(LIVE)
    await eventually(async () => (await page.locator(':text("read back")').count()) === 0)
    // the page asks who it is before anybody has signed in
    assert.deepEqual(page.complaints.filter((c) => !/status of 40[14]/.test(c)), [])
  }))

// The page in a real browser, against a stand-in that speaks the API and sends the server's own
// Content-Security-Policy. The drill behind it moves only when a test moves it.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { MockDrill } from './drill.mjs'
import { eventually, openBrowser, openPage, ROOT } from './lib.mjs'
import { MockServer } from './mock.mjs'

const at = (name) => `[data-test=${name}]`
const LIVE = `${at('connection')}[data-state=live]`

let browser
before(async () => {
  assert.ok(existsSync(join(ROOT, 'build/web/index.html')), 'the page is not built: run `make` first')
  browser = await openBrowser()
})
after(() => browser?.close())

/** A server with a running drill, and a page on it with nothing remembered. */
async function withPage(options, run) {
  const drill = new MockDrill({ departments: 3, services: 2, reds: 1, tickMs: 60_000, startMs: Date.now() - 3 * 60_000, ...options })
  drill.start()
  drill.fastForward(3)
  drill.beginTick()
  const server = new MockServer(drill, options)
  const url = await server.listen()
  await browser.context.clearCookies()
  const page = await openPage(browser.context)
  try {
    await run({ drill, server, url, page })
    assert.deepEqual(page.complaints, [])
  } finally {
    await page.close()
    await server.close()
  }
}

/** Refused requests and cut lines are the browser's to report; anything else is a fault of the page. */
function forgive(page, pattern) {
  for (let i = page.complaints.length - 1; i >= 0; i--) if (pattern.test(page.complaints[i])) page.complaints.splice(i, 1)
}
const REFUSED = /^error: Failed to load resource: the server responded with a status of 40[13]/
const CUT = /^error: WebSocket connection to .* failed/

const until = (page, selector, text) => page.locator(selector).filter({ hasText: text }).first().waitFor({ state: 'attached' })
/** From now on every state that its live line is shown in is noted in window.states. */
const noteStates = (page) =>
  page.evaluate((selector) => {
    const shown = document.querySelector(selector)
    window.states = []
    new MutationObserver(() => window.states.push(shown.dataset.state)).observe(shown, { attributeFilter: ['data-state'] })
  }, at('connection'))
const statusOf = (page, system, status) => page.waitForSelector(`[data-system="${system}"][data-status="${status}"]`)
const total = (drill, team) => drill.ranking.find((r) => r.team === team).total.toFixed(1)

describe('the board', () => {
  test('shows what the API delivers, in Chinese to a Chinese browser, without a complaint from the policy', () =>
    withPage({}, async ({ drill, url, page }) => {
      await page.goto(url)
      await page.waitForSelector(LIVE)
      assert.equal(await page.textContent(at('drill-name')), '春季网络安全攻防演练')
      assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN')
      assert.match(await page.textContent(at('state')), /进行中/)
      assert.match(await page.textContent(at('tick')), /^3 \/ 95$/)
      assert.equal(await page.locator(`${at('ranking')} li`).count(), 4)
      assert.equal(await page.locator('[data-system]').count(), 6)
      assert.equal(await page.getAttribute(at('head'), 'data-head'), drill.head)
      assert.ok(await page.locator(`${at('chart')} canvas`).isVisible())
    }))

  test('what opens under the pointer keeps to the policy, too', () =>
    withPage({}, async ({ drill, url, page }) => {
      await page.goto(url)
      await page.waitForSelector(LIVE)
      await page.hover(at('head'))
      await page.locator('.hash-tip').filter({ hasText: drill.head }).waitFor()
      await page.hover(`${at('chart')} canvas`)
      await page.waitForTimeout(300)
    }))

  test('a violation of the policy would be seen by these tests', () =>
    withPage({}, async ({ url, page }) => {
      await page.goto(url)
      await page.waitForSelector(LIVE)
      await page.evaluate(() => document.body.setAttribute('style', 'color: red'))
      await eventually(() => page.complaints.some((c) => /CSP style-src/.test(c)))
      page.complaints.length = 0
    }))

  test('a score, a status and a capture appear without a reload', () =>
    withPage({}, async ({ drill, server, url, page }) => {
      await page.goto(url)
      await page.waitForSelector(LIVE)
      await page.evaluate(() => (window.sameDocument = true))
      drill.check('d1-s1', 'corrupt')
      await statusOf(page, 'd1-s1', 'corrupt')
      await until(page, at('feed-status'), '被篡改')
      drill.capture('r1', 'd2-s1')
      await until(page, at('feed-capture'), '赤焰战队')
      for (const system of drill.systems) drill.check(system.id, 'ok')
      drill.closeTick()
      await until(page, `${at('ranking')} [data-team=d1] ${at('total')}`, total(drill, 'd1'))
      await page.waitForSelector(`${at('head')}[data-head="${drill.head}"]`)
      drill.beginTick()
      await until(page, at('tick'), '4 / 95')
      assert.equal(await page.evaluate(() => window.sameDocument), true)
      assert.equal(server.boards, 1)
    }))

  test('a hold and a void show on the system and in the feed, and the ranking follows without a tick', () =>
    withPage({}, async ({ drill, url, page }) => {
      await page.goto(url)
      await page.waitForSelector(LIVE)
      drill.hold(['d1-s1'], true, 'why')
      await page.waitForSelector('[data-system="d1-s1"][data-held]')
      await until(page, at('feed-checks'), '组织方暂停检测')
      const before = total(drill, 'd2')
      drill.void(['d2-s1', 'd2-s2'], 0, 2, true, 'why')
      assert.notEqual(total(drill, 'd2'), before)
      await page.waitForSelector('[data-system="d2-s1"][data-voided]')
      await until(page, at('feed-checks'), '第 0 至 2 轮检测作废，已重新计分')
      await until(page, at('feed-checks'), '2 个系统')
      await until(page, at('ranking'), total(drill, 'd2'))
      drill.void(['d2-s2'], 2, 2, true, 'why')
      await until(page, at('feed-checks'), '第 2 轮检测作废，已重新计分')
      drill.hold(['d1-s1'], false, 'why')
      await page.waitForSelector('[data-system="d1-s1"]:not([data-held])')
      assert.ok(!(await page.locator(at('feed-checks')).allTextContents()).some((text) => text.includes('why')))
    }))

  test('the clock runs with the drill and stands still in a pause, which says why', () =>
    withPage({}, async ({ drill, url, page }) => {
      await page.goto(url)
      const clock = () => page.textContent(at('drill-clock'))
      const first = await clock()
      await eventually(async () => (await clock()) !== first)
      drill.pause('午间休整')
      await until(page, at('state'), '午间休整')
      const paused = await clock()
      await page.waitForTimeout(1600)
      assert.equal(await clock(), paused)
    }))
})

describe('the live line', () => {
  test('comes back by itself after a cut, from the last event it saw, and misses nothing', () =>
    withPage({}, async ({ drill, server, url, page }) => {
      await page.goto(url)
      await page.waitForSelector(LIVE)
      drill.check('d1-s1', 'down')
      await statusOf(page, 'd1-s1', 'down')
      const seen = drill.seq
      await noteStates(page) // it may be back before anybody has looked
      server.cut()
      await eventually(() => page.evaluate(() => window.states.includes('reconnecting')))
      drill.check('d2-s2', 'mumble')
      await page.waitForSelector(LIVE)
      await statusOf(page, 'd2-s2', 'mumble')
      assert.equal(server.sinces.at(-1), seen)
      assert.equal(server.boards, 1)
      forgive(page, CUT)
    }))

  test('a handshake that fails is tried again, with a fresh board', () =>
    withPage({}, async ({ drill, server, url, page }) => {
      await page.goto(url)
      await page.waitForSelector(LIVE)
      server.refuseLive = true
      server.cut()
      await eventually(() => server.boards >= 2)
      server.refuseLive = false
      await page.waitForSelector(LIVE)
      drill.check('d3-s1', 'down')
      await statusOf(page, 'd3-s1', 'down')
      forgive(page, CUT)
    }))

  test('a snapshot replaces everything, an older one too', () =>
    withPage({}, async ({ drill, server, url, page }) => {
      await page.goto(url)
      await page.waitForSelector(LIVE)
      const other = new MockDrill({ departments: 2, services: 1, reds: 1 })
      server.ws.clients.forEach((c) => c.send(JSON.stringify({ type: 'snapshot', board: other.board() })))
      await eventually(async () => (await page.locator('[data-system]').count()) === 2)
      assert.match(await page.textContent(at('state')), /待开始/)
      assert.ok(other.seq < drill.seq)
    }))

  test('a frame that cannot be read is answered with a fresh board', () =>
    withPage({}, async ({ drill, server, url, page }) => {
      await page.goto(url)
      await page.waitForSelector(LIVE)
      drill.listeners.delete(server.send)
      drill.check('d1-s2', 'recovering')
      drill.listeners.add(server.send)
      server.ws.clients.forEach((c) => c.send('{"type":"deltas"'))
      await statusOf(page, 'd1-s2', 'recovering')
      assert.equal(server.boards, 2)
      forgive(page, /^error: live frame/)
    }))
})

describe('the languages', () => {
  test('switch in place, and the choice is remembered', () =>
    withPage({}, async ({ url, page }) => {
      await page.goto(url)
      await page.waitForSelector(LIVE)
      await page.click(at('language'))
      await until(page, at('state'), 'Running')
      assert.equal(await page.textContent(at('drill-name')), 'Spring Cybersecurity Drill')
      await page.reload()
      await until(page, at('state'), 'Running')
      assert.equal(await page.getAttribute('html', 'lang'), 'en')
    }))

  test('an English browser begins in English, one that asks for neither in Chinese', async () => {
    for (const [locale, lang] of [['en-GB', 'en'], ['fr-FR', 'zh-CN']]) {
      const other = await openBrowser({ locale })
      const server = new MockServer(new MockDrill())
      try {
        const page = await openPage(other.context)
        await page.goto(await server.listen())
        await page.waitForSelector(LIVE)
        assert.equal(await page.getAttribute('html', 'lang'), lang)
        assert.deepEqual(page.complaints, [])
      } finally {
        await other.close()
        await server.close()
      }
    }
  })
})

async function signIn(page, account, password) {
  await page.fill('#account', account)
  await page.fill('#password', password)
  await page.keyboard.press('Enter')
}

describe('signing in', () => {

  test('a wrong password is told, a right one shows account, team and the own systems; signing out ends it', () =>
    withPage({}, async ({ drill, url, page }) => {
      await page.goto(url)
      await page.click(at('sign-in'))
      await signIn(page, 'blue1', 'wrong')
      await until(page, at('login-error'), '账号或密码不正确')
      await signIn(page, 'blue1', 'blue1')
      await until(page, at('account'), 'blue1')
      assert.match(await page.textContent(at('account')), /蓝方 · 教务处/)
      drill.check('d1-s2', 'down', 'no route to the mail server')
      await until(page, at('own'), 'no route to the mail server')
      drill.check('d1-s2', 'mumble', 'login: status 500, expected 200')
      await until(page, at('own'), 'login：状态码 500，应为 200')
      assert.match(await page.getAttribute('[data-system=d1-s2]', 'title'), /login：状态码 500，应为 200/)
      await page.click(at('language'))
      await until(page, at('own'), 'login: status 500, expected 200')
      await page.click(at('language'))
      drill.check('d1-s2', 'down', 'no route to the mail server')
      await page.reload()
      await until(page, at('account'), 'blue1')
      await page.click(at('sign-out'))
      await page.waitForSelector(at('sign-in'))
      await page.waitForSelector(at('own'), { state: 'detached' })
      await page.waitForSelector(LIVE)
      await eventually(async () => (await page.locator('[title*="no route"]').count()) === 0)
      forgive(page, REFUSED)
    }))

  test('its department reads that a check is on hold, and that what is not checked is not its fault and earns nothing', () =>
    withPage({}, async ({ drill, url, page }) => {
      await page.goto(url)
      await page.click(at('sign-in'))
      await signIn(page, 'blue1', 'blue1')
      await page.waitForSelector(at('own'))
      await page.waitForSelector(LIVE)
      drill.hold(['d1-s1'], true, 'the checker is broken')
      drill.check('d1-s1', 'none', 'on hold')
      drill.check('d1-s2', 'fault')
      await until(page, at('own-held'), '组织方已暂停检测')
      await until(page, at('own'), '因组织方原因未能检测：不算本部门的过失，该轮不得分')
      await until(page, at('feed-checks'), 'the checker is broken')
    }))

  test('a board that is not public leads to the form and from there to the board', () =>
    withPage({ needLogin: true }, async ({ url, page }) => {
      await page.goto(url)
      await page.waitForURL('**/login?needed=1')
      await signIn(page, 'admin', 'admin')
      await page.waitForSelector(LIVE)
      forgive(page, REFUSED)
    }))

  test('a session that runs out while watching leads to the form', () =>
    withPage({ needLogin: true }, async ({ server, url, page }) => {
      await page.goto(url)
      await page.waitForURL('**/login?needed=1')
      await signIn(page, 'red1', 'red1')
      await page.waitForSelector(LIVE)
      server.sessions.clear()
      server.cut()
      await page.waitForURL('**/login?needed=1')
      forgive(page, REFUSED)
      forgive(page, CUT)
    }))
})

describe('what past checks said', () => {
  /** A board with 26 closed ticks, tick 3 of d1-s1 with a message of its own, seen by the account. */
  const watched = (account, run, options = {}) =>
    withPage(options, async (on) => {
      const { drill, url, page } = on
      drill.check('d1-s1', 'mumble', 'the form of tick 3 is gone')
      drill.closeTick()
      drill.fastForward(22)
      await page.goto(`${url}/login`)
      await signIn(page, account, account)
      await page.waitForSelector(LIVE)
      await run(on)
    })
  const own = (page, system) => page.locator(`${at('own')} [data-own="${system}"] button`)
  const cell = (page, system) => page.locator(`button:has([data-system="${system}"])`)
  const history = (page) => page.locator(`${at('history')}[open]`)
  const focused = (page) => page.evaluate(() => document.activeElement.closest('[data-own]')?.dataset.own ?? document.activeElement.querySelector('[data-system]')?.dataset.system)

  test('a click opens the last 20 ticks, newest first, "more" the earlier ones, Escape closes and gives the focus back', () =>
    watched('blue1', async ({ page }) => {
      await own(page, 'd1-s1').click()
      await history(page).waitFor()
      const ticks = async () => (await page.locator(`${at('history')} [data-tick]`).all()).length
      await eventually(async () => (await ticks()) === 20)
      assert.equal(await page.locator(`${at('history')} [data-tick]`).first().getAttribute('data-tick'), '25')
      assert.equal(await page.locator(`${at('history')} [data-tick="3"]`).count(), 0)
      await page.click(at('history-more'))
      const third = page.locator(`${at('history')} [data-tick="3"]`)
      await third.waitFor()
      assert.match(await third.textContent(), /^300:03:00异常the form of tick 3 is gone$/)
      assert.equal(await ticks(), 26)
      assert.equal(await page.locator(at('history-more')).count(), 0)
      await page.keyboard.press('Escape')
      await page.waitForSelector(at('history'), { state: 'detached' })
      await eventually(async () => (await focused(page)) === 'd1-s1')
    }))

  test('a cell of its own opens by Enter and by Space; what comes meanwhile and a void with its reason appear; the button closes', () =>
    watched('blue1', async ({ drill, page }) => {
      for (const key of ['Enter', 'Space']) {
        await cell(page, 'd1-s2').focus()
        await page.keyboard.press(key)
        await history(page).waitFor()
        await page.click(at('history-close'))
        await page.waitForSelector(at('history'), { state: 'detached' })
        await eventually(async () => (await focused(page)) === 'd1-s2')
      }
      await page.keyboard.press('Enter')
      drill.beginTick()
      drill.check('d1-s2', 'down', 'nobody answers in tick 26')
      await until(page, `${at('history')} [data-tick="26"]`, 'nobody answers in tick 26')
      drill.closeTick()
      drill.void(['d1-s2'], 26, 26, true, 'the network was down')
      await until(page, `${at('history')} [data-tick="26"]`, '已作废，不计分 · the network was down')
      await until(page, at('feed-checks'), 'the network was down')
      await page.keyboard.press('Escape')
      await page.waitForSelector(at('history'), { state: 'detached' })
      await eventually(async () => (await focused(page)) === 'd1-s2')
    }))

  test("another department's cell opens nothing, nor does any for red teams and the public; staff open all", () =>
    watched('blue1', async ({ server, url, page }) => {
      await eventually(async () => (await page.locator('button:has([data-system])').count()) === 2)
      await page.click('[data-system="d2-s1"]')
      assert.equal(await page.locator(at('history')).count(), 0)
      assert.deepEqual(server.pasts, [])
      for (const [account, count] of [['red1', 0], ['admin', 6]]) {
        await page.click(at('sign-out'))
        await page.waitForSelector(at('sign-in'))
        await page.waitForSelector('[data-system]')
        await eventually(async () => (await page.locator('button:has([data-system])').count()) === 0)
        await page.goto(`${url}/login`)
        await signIn(page, account, account)
        await page.waitForSelector(`${at('account')}`)
        await page.waitForSelector('[data-system]')
        await eventually(async () => (await page.locator('button:has([data-system])').count()) === count)
      }
      await page.click('[data-system="d2-s1"]')
      await until(page, `${at('history')} [data-tick]`, '正常')
      forgive(page, REFUSED)
    }))

  test('an answer that fails is told and can be asked for again', () =>
    watched('blue1', async ({ drill, page }) => {
      const checks = drill.checks
      drill.checks = () => ({})
      await own(page, 'd1-s1').click()
      await page.locator(`${at('history')} [role=alert]`).waitFor()
      drill.checks = checks
      await page.click(`${at('history')} [role=alert] button`)
      await until(page, `${at('history')} [data-tick]`, '正常')
    }))

  test('own systems: the worst first and with its message, in sight; what is well takes a line', () =>
    watched('blue1', async ({ drill, page }) => {
      const order = () => page.locator(`${at('own')} [data-own]`).evaluateAll((list) => list.map((li) => li.dataset.own))
      drill.beginTick()
      for (const s of drill.systems.filter((s) => s.team === 'd1')) drill.check(s.id, 'ok')
      drill.check('d1-s6', 'down', 'connection refused')
      drill.check('d1-s4', 'recovering', 'an older flag is missing')
      await until(page, at('own'), 'an older flag is missing')
      assert.deepEqual(await order(), ['d1-s6', 'd1-s4', 'd1-s1', 'd1-s2', 'd1-s3', 'd1-s5'])
      const body = await page.locator(`${at('own')} .panel-body`).boundingBox()
      for (const row of await page.locator(`${at('own')} [data-own]`).all()) {
        const box = await row.boundingBox()
        assert.ok(box.y + box.height <= body.y + body.height + 1, 'all six are in sight')
      }
      assert.equal(await page.locator(`${at('own')} [data-own="d1-s1"]`).evaluate((li) => li.getBoundingClientRect().height < 40), true)
      drill.check('d1-s6', 'ok')
      drill.check('d1-s5', 'corrupt', 'the newest flag is gone')
      await until(page, at('own'), 'the newest flag is gone')
      assert.deepEqual(await order(), ['d1-s5', 'd1-s4', 'd1-s1', 'd1-s2', 'd1-s3', 'd1-s6'])
    }, { services: 6 }))
})

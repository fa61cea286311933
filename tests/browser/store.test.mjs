// The page's fold of deltas: whoever followed the deltas sees what a fresh board would show.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MockDrill, redact } from './drill.mjs'
import { importPageModule } from './lib.mjs'

const { applyDeltas, normalize, FEED_MAX, HISTORY_MAX } = await importPageModule('stores/reduce.ts')
const { drillTimeMs, tickLeftMs, offsetFrom, correctedOffset } = await importPageModule('stores/clock.ts')
const { backoffMs } = await importPageModule('api/live.ts')
const { joinPages } = await importPageModule('stores/past.ts')
const { byTrouble, isFine } = await importPageModule('components/own.ts')
const { fitMatrix, departmentsOf, columnsOf } = await importPageModule('components/matrix.ts')

const publicDeltas = (drill) => drill.deltas.map((d) => redact(d, drill, null))

// What a delta does not carry: these are for the server's own answers only.
function comparable(board) {
  const { rows, systems, drill, feed, ...rest } = board
  return {
    ...rest,
    rows: Object.fromEntries(rows.map((r) => [`${r.team} ${r.service}`, r])),
    systems: systems.map(({ ok_ticks, checked_ticks, ...s }) => s),
    drill: { ...drill, now: '', start: '' },
    feed: feed.slice(-40),
  }
}

test('folding every delta gives the board that the server would send', () => {
  const drill = new MockDrill({ departments: 6, services: 3, reds: 2, ticks: 40, tickMs: 60_000 })
  const before = normalize(drill.board())
  drill.start()
  drill.fastForward(12)
  drill.pause('break')
  drill.resume()
  drill.fastForward(3)
  const after = applyDeltas(before, publicDeltas(drill))
  assert.deepEqual(comparable(after), comparable(normalize(drill.board())))
  assert.ok(after.feed.some((d) => d.kind === 'flag.captured') && after.feed.some((d) => d.kind === 'check.done'))
})

test('holds and voids: marks, ranking, rows and lines follow, and the feed tells them in short', () => {
  const drill = new MockDrill({ departments: 4, services: 2, reds: 1, ticks: 40, tickMs: 60_000 })
  const before = normalize(drill.board())
  drill.start()
  drill.fastForward(6)
  drill.hold(['d1-s1', 'd2-s1'], true, 'the checker is broken')
  drill.beginTick()
  drill.check('d1-s1', 'none')
  drill.check('d3-s1', 'ok')
  drill.void(['d3-s1', 'd4-s2'], 2, 5, true, 'the network was down')
  const held = applyDeltas(before, publicDeltas(drill))
  assert.deepEqual(held.systems.filter((s) => s.held).map((s) => s.id), ['d1-s1', 'd2-s1'])
  // d3-s1 has been checked again since: what it shows now counts
  assert.deepEqual(held.systems.filter((s) => s.voided).map((s) => s.id), ['d4-s2'])
  assert.deepEqual(comparable(held), comparable(normalize(drill.board())))
  assert.ok(!held.feed.some((d) => d.kind === 'check.done' && d.system === 'd1-s1' && d.status === 'none'))
  for (const d of held.feed) for (const key of ['systems', 'ranking', 'rows', 'history']) assert.equal(d[key], undefined, `${d.kind} keeps ${key}`)

  drill.hold(['d1-s1', 'd2-s1'], false, 'mended')
  drill.void(['d3-s1', 'd4-s2'], 2, 5, false, 'on appeal')
  const after = applyDeltas(held, publicDeltas(drill))
  assert.ok(!after.systems.some((s) => s.held || s.voided))
  assert.deepEqual(comparable(after), comparable(normalize(drill.board())))
  assert.deepEqual(after.feed.slice(-4).map((d) => d.kind), ['checks.held', 'void.adopted', 'checks.released', 'void.dropped'])
})

test('a proposal that was dropped changes nothing', () => {
  const drill = new MockDrill({ departments: 2, services: 1, reds: 1 })
  drill.start()
  drill.fastForward(2)
  const before = normalize(drill.board())
  for (const kind of ['void.proposed', 'void.dropped']) drill.emit(kind, { id: 1, from: 0, to: 1, count: 1, system: 'd1-s1', reason: 'r' })
  const after = applyDeltas(before, drill.deltas)
  assert.deepEqual({ ...after, seq: 0 }, { ...before, seq: 0 })
})

test('in one batch or one by one, the fold is the same, and the board given is left alone', () => {
  const drill = new MockDrill({ departments: 3, services: 2, reds: 1 })
  const before = normalize(drill.board())
  const copy = structuredClone(before)
  drill.start()
  drill.fastForward(4)
  const deltas = publicDeltas(drill)
  assert.deepEqual(deltas.reduce((board, delta) => applyDeltas(board, [delta]), before), applyDeltas(before, deltas))
  assert.deepEqual(before, copy)
})

test('a delta that is already in the board changes nothing', () => {
  const drill = new MockDrill({ departments: 3, services: 1, reds: 1 })
  drill.start()
  drill.beginTick()
  drill.capture('r1', 'd1-s1')
  const board = normalize(drill.board())
  assert.equal(board.systems[0].flags_lost, 1)
  assert.deepEqual(applyDeltas(board, publicDeltas(drill)), board)
})

test('an urgent announcement stays in sight until it is withdrawn; others only pass through the feed', () => {
  const board = normalize(new MockDrill({ departments: 2, services: 1, reds: 1 }).board())
  const made = (seq, id, urgent) => ({ seq: board.seq + seq, at: '2027-06-20T09:00:00+08:00', drill_ms: 0, kind: 'announcement.made', id, title: `n ${id}`, text: 't', urgent, until: null })
  const two = applyDeltas(board, [made(1, 1, true), made(2, 2, false), made(3, 3, true)])
  assert.deepEqual(two.urgent.map((a) => a.id), [1, 3])
  assert.equal(two.feed.filter((d) => d.kind === 'announcement.made').length, 3)
  const one = applyDeltas(two, [{ seq: board.seq + 4, at: '2027-06-20T09:01:00+08:00', drill_ms: 0, kind: 'announcement.withdrawn', id: 1, title: 'n 1', reason: 'over' }])
  assert.deepEqual(one.urgent.map((a) => a.id), [3])
})

test('the feed takes captures, changes of status and the clock, but no first check that finds all well', () => {
  const drill = new MockDrill({ departments: 2, services: 1, reds: 1 })
  let board = normalize(drill.board())
  drill.start()
  drill.beginTick()
  drill.check('d1-s1', 'ok')
  drill.check('d2-s1', 'down')
  drill.check('d1-s1', 'ok')
  drill.check('d1-s1', 'mumble')
  drill.capture('r1', 'd1-s1')
  drill.closeTick()
  board = applyDeltas(board, publicDeltas(drill))
  assert.deepEqual(board.feed.map((d) => `${d.kind} ${d.status ?? ''}`.trim()), ['drill.started', 'check.done down', 'check.done mumble', 'flag.captured'])
})

test('feed and history stay bounded; the newest tick always stays', () => {
  const drill = new MockDrill({ departments: 2, services: 1, reds: 1, ticks: 2000 })
  let board = normalize(drill.board())
  drill.start()
  drill.fastForward(1201)
  board = applyDeltas(board, publicDeltas(drill))
  assert.ok(board.feed.length <= FEED_MAX)
  assert.ok(board.history.ticks.length <= HISTORY_MAX && board.history.ticks.length > HISTORY_MAX / 3)
  assert.equal(board.history.ticks.at(-1), 1200)
  for (const team of board.teams) {
    assert.equal(board.history.totals[team.id].length, board.history.ticks.length)
    assert.equal(board.history.totals[team.id].at(-1), board.ranking.find((r) => r.team === team.id).total)
  }
})

test('a history without named ticks counts from its first', () => {
  const drill = new MockDrill({ departments: 2, services: 1, reds: 1 })
  const board = drill.board()
  board.history = { first_tick: 4, totals: { d1: [1, 2, 3], d2: [0, 0, 1] } }
  assert.deepEqual(normalize(board).history.ticks, [4, 5, 6])
})

test('a history that comes too long is thinned from its newest tick back', () => {
  const board = new MockDrill({ departments: 1, services: 1, reds: 0 }).board()
  const length = 3 * HISTORY_MAX
  board.history = { first_tick: 0, totals: { d1: Array.from({ length }, (_, i) => i) } }
  const { ticks, totals } = normalize(board).history
  assert.equal(ticks.length, HISTORY_MAX)
  assert.deepEqual([ticks.at(-1), totals.d1.at(-1)], [length - 1, length - 1])
})

test('a message and a trace that came with a check are kept until the next one', () => {
  const drill = new MockDrill({ departments: 1, services: 1, reds: 0 })
  const board = normalize(drill.board({ role: 'admin', team: null }))
  drill.start()
  drill.beginTick()
  drill.check('d1-s1', 'down', 'connection refused')
  const after = applyDeltas(board, drill.deltas)
  assert.equal(after.systems[0].message, 'connection refused')
})

test('drill time runs with the server while the drill runs, and stands still otherwise', () => {
  const drill = { state: 'running', now: '2026-06-20T08:00:00Z', drill_ms: 60_000, tick: 0, tick_ms: 100_000, tick_open: true }
  const offset = offsetFrom('2026-06-20T08:00:00Z', 5_000)
  assert.equal(drillTimeMs(drill, 12_000 + offset), 67_000)
  assert.equal(tickLeftMs(drill, 67_000), 33_000)
  assert.equal(tickLeftMs(drill, 120_000), 0)
  assert.equal(drillTimeMs({ ...drill, state: 'paused' }, 12_000 + offset), 60_000)
  assert.equal(tickLeftMs({ ...drill, state: 'ended' }, 60_000), null)
  // A page that slept for a minute hears an event: the server's clock is at least there.
  assert.equal(correctedOffset(offset, '2026-06-20T08:01:00Z', 6_000) - offset, 59_000)
  assert.equal(correctedOffset(offset, '2026-06-20T07:59:00Z', 6_000), offset)
})

test('reconnecting waits between half a second and ten, longer and wider each time', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 50].map((n) => backoffMs(n, 0)), [500, 500, 500, 500, 500, 500])
  assert.deepEqual([0, 1, 2, 3, 4, 50].map((n) => backoffMs(n, 1)), [1000, 2000, 4000, 8000, 10000, 10000])
})

test('the matrix fits its panel: words while they fit, then glyphs, then pages', () => {
  const screen = { width: 840, height: 470, rem: 16 }
  const few = fitMatrix(3, 1, screen, true)
  assert.deepEqual([few.blocks, few.rows, few.words], [1, 3, true])
  const crowd = fitMatrix(60, 10, { width: 820, height: 860, rem: 16 }, true)
  assert.equal(crowd.words, false)
  assert.equal(crowd.blocks, 2)
  for (const [n, s] of [[1, 1], [12, 5], [24, 10], [60, 10], [150, 10]]) {
    const fit = fitMatrix(n, s, screen, true)
    assert.ok(fit.rows >= 1 && fit.rows * fit.rowPx <= screen.height, `${n} x ${s}`)
  }
  assert.equal(fitMatrix(60, 10, screen, false).rows, 60)
})

test('the matrix has every department and only services that somebody runs', () => {
  const board = new MockDrill({ departments: 3, services: 2, reds: 2 }).board()
  board.systems = board.systems.filter((s) => s.service === 's1' && s.team !== 'd2')
  assert.deepEqual(departmentsOf(board).map((d) => [d.team.id, d.cells.size]), [['d1', 1], ['d2', 0], ['d3', 1]])
  assert.deepEqual(columnsOf(board).map((s) => s.id), ['s1'])
})

test("pages of a system's past: newest first, a newer answer wins, and no gap stays hidden", () => {
  const page = (from, to, status = 'ok') => Array.from({ length: to - from + 1 }, (_, i) => ({ tick: from + i, status }))
  const ticks = (checks) => checks.map((c) => c.tick)
  assert.deepEqual(joinPages([], []), [])
  const first = joinPages([], page(7, 9))
  assert.deepEqual(ticks(first), [9, 8, 7])
  const earlier = joinPages(first, page(4, 6, 'down'))
  assert.deepEqual(ticks(earlier), [9, 8, 7, 6, 5, 4])
  const later = joinPages(earlier, page(9, 11, 'mumble'))
  assert.deepEqual(ticks(later), [11, 10, 9, 8, 7, 6, 5, 4])
  assert.equal(later[2].status, 'mumble')
  assert.deepEqual(ticks(joinPages(earlier, page(10, 11))), [11, 10, 9, 8, 7, 6, 5, 4])
  assert.deepEqual(ticks(joinPages(earlier, page(11, 12))), [12, 11], 'what lies between is not known')
  assert.deepEqual(ticks(joinPages(earlier, [])), ticks(earlier))
})

test('own systems: the worst first, then what the organizers have to answer for, then what is well, each in its order', () => {
  const system = (id, status, more = {}) => ({ id, status, held: false, voided: false, ...more })
  const systems = [
    system('a', 'ok'), system('b', 'none'), system('c', 'recovering'), system('d', 'ok', { voided: true }), system('e', 'down'), system('f', 'ok'),
    system('g', 'fault'), system('h', 'corrupt'), system('i', 'mumble'), system('j', 'ok', { held: true }), system('k', 'down'),
  ]
  assert.deepEqual(byTrouble(systems).map((s) => s.id).join(''), 'ekihcgbdjaf')
  assert.deepEqual(systems.filter(isFine).map((s) => s.id), ['a', 'f'])
})

// A drill that never was, for the page to show: every change goes through one method, as one delta with its own
// sequence number, so that a board made afterwards and the deltas sent on the way agree. Deterministic by seed.

const DEPARTMENTS = [
  ['教务处', 'Academic Affairs'], ['图书馆', 'Library'], ['财务处', 'Finance Office'], ['学生工作处', 'Student Affairs'],
  ['研究生院', 'Graduate School'], ['招生办公室', 'Admissions'], ['科研处', 'Research Office'], ['后勤集团', 'Campus Services'],
  ['校医院', 'University Hospital'], ['档案馆', 'Archives'], ['国际交流处', 'International Office'], ['网络信息中心', 'Network Centre'],
  ['计算机学院', 'School of Computer Science'], ['电气工程学院', 'School of Electrical Engineering'], ['外国语学院', 'School of Foreign Languages'],
  ['马克思主义学院', 'School of Marxism'], ['经济管理学院', 'School of Economics and Management'], ['材料学院', 'School of Materials'],
  ['数学学院', 'School of Mathematics'], ['物理学院', 'School of Physics'], ['化学学院', 'School of Chemistry'], ['法学院', 'Law School'],
  ['建筑学院', 'School of Architecture'], ['艺术学院', 'School of Arts'],
]
const SERVICES = [
  ['门户网站', 'Portal'], ['邮件系统', 'Mail'], ['教务系统', 'Registrar'], ['一卡通', 'Campus Card'], ['电子大屏', 'LED Screen'],
  ['文件共享', 'File Share'], ['统一认证', 'Single Sign-on'], ['数据库', 'Database'], ['监控平台', 'Monitoring'], ['在线课堂', 'E-learning'],
]
const REDS = [['赤焰战队', 'Red Flame'], ['夜枭安全', 'Night Owl'], ['破晓小组', 'Daybreak'], ['长缨战队', 'Long Cord'], ['锋刃小队', 'Blade']]
const MESSAGES = { ok: '', recovering: 'an older flag is missing', corrupt: 'the newest flag is gone', mumble: 'GET /login answered 500, 200 expected', down: 'connection refused', fault: 'checker failed' }

function prng(seed) {
  let s = seed >>> 0
  return () => {
    s = (s + 0x6d2b79f5) >>> 0
    let t = Math.imul(s ^ (s >>> 15), s | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const named = (pair, n, of) => (n < of ? { zh: pair[0], en: pair[1] } : { zh: `${pair[0]}（${Math.floor(n / of) + 1}）`, en: `${pair[1]} ${Math.floor(n / of) + 1}` })

export class MockDrill {
  constructor({ departments = 3, services = 1, reds = 1, ticks = 96, tickMs = 5000, seed = 7, startMs = Date.now() } = {}) {
    this.random = prng(seed)
    this.seq = 1
    this.head = ''
    this.headSeq = 0
    this.tickMs = tickMs
    this.state = 'planned'
    this.reason = ''
    this.tick = -1
    this.lastTick = ticks - 1
    this.tickOpen = false
    this.nowMs = startMs
    this.drillMs = 0
    this.startMs = startMs
    this.listeners = new Set()
    this.deltas = []
    this.feed = []
    this.services = Array.from({ length: services }, (_, i) => ({ id: `s${i + 1}`, name: named(SERVICES[i % SERVICES.length], i, SERVICES.length) }))
    this.teams = [
      ...Array.from({ length: departments }, (_, i) => ({ id: `d${i + 1}`, name: named(DEPARTMENTS[i % DEPARTMENTS.length], i, DEPARTMENTS.length), kind: 'blue', nop: false })),
      ...Array.from({ length: reds }, (_, i) => ({ id: `r${i + 1}`, name: named(REDS[i % REDS.length], i, REDS.length), kind: 'red', nop: false })),
    ]
    this.blues = this.teams.filter((t) => t.kind === 'blue')
    this.reds = this.teams.filter((t) => t.kind === 'red')
    this.systems = this.blues.flatMap((team) =>
      this.services.map((service) => ({
        id: `${team.id}-${service.id}`, name: service.name, team: team.id, service: service.id, mlps: 2,
        status: 'none', tick: -1, ok_ticks: 0, checked_ticks: 0, flags_lost: 0, held: false, voided: false, message: '', skill: this.random(),
      })))
    this.care = new Map(this.blues.map((t) => [t.id, this.random()]))
    this.rows = new Map()
    this.ranking = []
    this.history = { first_tick: 0, ticks: [], totals: Object.fromEntries(this.teams.map((t) => [t.id, []])) }
    this.taken = new Set()
    this.past = new Map(this.systems.map((s) => [s.id, []]))
  }

  /** The next event's wall and drill time; the drill's moves on only while it runs. */
  advance(ms) {
    this.nowMs += ms
    if (this.state === 'running') this.drillMs += ms
  }

  emit(kind, fields) {
    const delta = { seq: ++this.seq, at: new Date(this.nowMs).toISOString(), drill_ms: Math.round(this.drillMs), kind, ...fields }
    this.deltas.push(delta)
    for (const listen of this.listeners) listen(delta)
    return delta
  }

  news(delta) {
    this.feed = [...this.feed, delta].slice(-100)
  }

  setState(kind, state, reason = '') {
    this.state = state
    this.reason = reason
    if (state === 'ended') this.tickOpen = false
    this.news(this.emit(`drill.${kind}`, { state, reason }))
  }
  start() { this.setState('started', 'running') }
  pause(reason) { this.setState('paused', 'paused', reason) }
  resume() { this.setState('resumed', 'running') }
  end(reason) { this.setState('ended', 'ended', reason) }

  beginTick() {
    this.tick++
    this.tickOpen = true
    this.emit('tick.began', { tick: this.tick })
  }

  check(id, status, message = MESSAGES[status]) {
    const system = this.systems.find((s) => s.id === id)
    const before = system.status
    Object.assign(system, { status, tick: this.tick, message, voided: false })
    this.past.get(id)[this.tick] = { tick: this.tick, status, ms: 12, message, voided: false }
    if (status !== 'fault') system.checked_ticks++
    if (status === 'ok') system.ok_ticks++
    const sla = status === 'ok' ? 1 : status === 'recovering' ? 0.5 : 0
    this.score(system.team, system.service, 'sla', sla * Math.sqrt(this.blues.length))
    const delta = this.emit('check.done', { system: id, tick: this.tick, status, message })
    if (before !== status && !(before === 'none' && status === 'ok') && !(status === 'none' && system.held)) this.news(delta)
  }

  capture(teamId, systemId) {
    const system = this.systems.find((s) => s.id === systemId)
    const first = !this.taken.has(system.service)
    this.taken.add(system.service)
    system.flags_lost++
    this.score(teamId, system.service, 'attack', 2)
    this.score(system.team, system.service, 'defense', -1)
    this.news(this.emit('flag.captured', { team: teamId, system: systemId, tick: Math.max(0, this.tick), first }))
  }

  score(team, service, part, points) {
    const key = `${team}|${service}`
    const row = this.rows.get(key) ?? { team, service, attack: 0, defense: 0, sla: 0, total: 0 }
    row[part] += points
    row.total = row.attack + row.defense + row.sla
    this.rows.set(key, row)
  }

  /** Puts checks of these systems on hold, or releases them. */
  hold(ids, held, reason) {
    for (const s of this.systems) if (ids.includes(s.id)) s.held = held
    this.concern(ids, held ? 'checks.held' : 'checks.released', { id: 1 }, { systems: ids }, reason)
  }

  /** Voids the systems' checks of these ticks, or lets them count again: points of availability go, or come back. */
  void(ids, from, to, adopted, reason) {
    const marked = this.systems.filter((s) => ids.includes(s.id) && s.tick >= from && s.tick <= to)
    marked.forEach((s) => (s.voided = adopted))
    for (const id of ids) {
      for (const c of this.past.get(id).slice(from, to + 1)) if (c) Object.assign(c, { voided: adopted, void: adopted ? 1 : undefined, void_reason: adopted ? reason : undefined })
    }
    for (const s of this.systems) if (ids.includes(s.id)) this.score(s.team, s.service, 'sla', (adopted ? -1 : 1) * (to - from + 1))
    this.rank()
    for (const row of this.ranking) this.history.totals[row.team].forEach((_, i, line) => i >= from && (line[i] = row.total))
    const scores = structuredClone({ ranking: this.ranking, rows: [...this.rows.values()], history: this.history })
    this.concern(ids, adopted ? 'void.adopted' : 'void.dropped', { id: 1, from, to }, { systems: marked.map((s) => s.id), ...scores }, reason)
  }

  /** As the server's history of a system: 20 ticks up to the one named, oldest first; the open one once it has a result. */
  checks(id, to = this.tick) {
    const from = Math.max(0, to - 19)
    const unchecked = (tick) => ({ tick, status: 'none', ms: 0, message: 'not checked: there is no result of this tick', voided: false })
    const closed = this.tickOpen ? this.tick - 1 : this.tick
    const checks = Array.from({ length: to - from + 1 }, (_, i) => this.past.get(id)[from + i] ?? (from + i <= closed ? unchecked(from + i) : null))
      .filter((c) => c !== null)
      .map((c) => ({ ...c, counts: !c.voided && !['none', 'fault'].includes(c.status) }))
    return { system: id, from, to, checks }
  }

  /** In the feed stays what everybody may know, without what the board alone needs. */
  concern(ids, kind, fields, state, reason) {
    const brief = { ...fields, count: ids.length, ...(ids.length === 1 && { system: ids[0] }) }
    const { seq, at, drill_ms } = this.emit(kind, { ...brief, ...state, reason })
    this.news({ seq, at, drill_ms, kind, ...brief })
  }

  rank() {
    const sums = this.teams.map((team) => {
      const sum = { team: team.id, rank: 0, attack: 0, defense: 0, sla: 0, total: 0 }
      for (const row of this.rows.values()) {
        if (row.team === team.id) for (const part of ['attack', 'defense', 'sla', 'total']) sum[part] += row[part]
      }
      return sum
    })
    sums.sort((a, b) => b.total - a.total || (a.team < b.team ? -1 : 1)).forEach((row, i) => (row.rank = i + 1))
    this.ranking = sums
    return sums
  }

  closeTick() {
    const sums = this.rank()
    this.tickOpen = false
    this.history.ticks.push(this.tick)
    for (const row of sums) this.history.totals[row.team].push(row.total)
    const rows = [...this.rows.values()].map((r) => ({ ...r }))
    const closed = this.emit('tick.closed', { tick: this.tick, ranking: structuredClone(sums), rows })
    this.head = Array.from({ length: 64 }, () => Math.floor(this.random() * 16).toString(16)).join('')
    this.headSeq = closed.seq
    this.emit('checkpoint', { upto: closed.seq, head: this.head })
  }

  /** What one whole tick would bring: checks by each system's skill, captures where it is weak. */
  actsOfTick() {
    const acts = []
    for (const system of this.systems) {
      const luck = this.random()
      const status = luck < 0.6 + 0.38 * this.care.get(system.team) ? 'ok'
        : ['recovering', 'down', 'mumble', 'corrupt', 'down', 'fault'][Math.floor(this.random() * 6)]
      acts.push(() => this.check(system.id, status))
    }
    for (const red of this.reds) {
      const hits = Math.floor(this.random() * (1 + Math.min(4, this.systems.length / 3)))
      for (let i = 0; i < hits; i++) {
        const weak = this.systems.slice().sort((a, b) => a.skill - b.skill).slice(0, Math.max(2, this.systems.length / 3))
        const target = weak[Math.floor(this.random() * weak.length)]
        acts.push(() => this.capture(red.id, target.id))
      }
    }
    return acts.map((act) => [this.random(), act]).sort((a, b) => a[0] - b[0]).map(([, act]) => act)
  }

  /** Whole ticks in no time, to begin in the middle of things. */
  fastForward(ticks) {
    for (let i = 0; i < ticks; i++) {
      this.beginTick()
      const acts = this.actsOfTick()
      for (const act of acts) {
        this.advance(this.tickMs / (acts.length + 1))
        act()
      }
      this.advance(this.tickMs / (acts.length + 1))
      this.drillMs = (this.tick + 1) * this.tickMs
      this.closeTick()
    }
  }

  board(session = null) {
    const staff = session !== null && !['blue', 'red'].includes(session.role)
    return structuredClone({
      seq: this.seq, head: this.head, head_seq: this.headSeq,
      drill: {
        id: 'mock', name: { zh: '春季网络安全攻防演练', en: 'Spring Cybersecurity Drill' }, state: this.state, reason: this.reason, policy: 'faust',
        tick: this.tick, ticks: this.lastTick + 1, last_tick: this.lastTick, tick_ms: this.tickMs, tick_open: this.tickOpen, flag_ticks: 5,
        flag_regex: 'DRILL\\{.*\\}', drill_ms: Math.round(this.drillMs), now: new Date(this.nowMs).toISOString(),
        start: new Date(this.startMs).toISOString(), time_zone: 'Asia/Shanghai',
      },
      teams: this.teams, services: this.services,
      systems: this.systems.map(({ skill, message, ...s }) => (staff || (session?.team && session.team === s.team) ? { ...s, message } : s)),
      ranking: this.ranking, rows: [...this.rows.values()], history: this.history,
      feed: this.feed.map((d) => redact(d, this, session)),
    })
  }
}

/** As the server does: a check's message, and why it is on hold or void, is for staff and the system's own department. */
export function redact(delta, drill, session) {
  const staff = session !== null && !['blue', 'red'].includes(session.role)
  const owner = drill.systems.find((s) => s.id === delta.system)?.team
  const own = staff || (session?.team && session.team === owner)
  if (/^(checks|void)\./.test(delta.kind) && !own) {
    const { reason, ...rest } = delta
    return rest
  }
  if (delta.kind !== 'check.done' || own) return delta
  const { message, ...rest } = delta
  return rest
}

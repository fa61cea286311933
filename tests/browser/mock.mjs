// A stand-in for drilld that serves build/web under the very Content-Security-Policy the server sends, with a
// scripted drill behind the board, the live socket and the sign-in. By hand, beside `npm run dev` or alone:
//
//   node tests/browser/mock.mjs [--departments 12] [--services 5] [--reds 3] [--tick 5000] [--port 8700]
//
// Accounts: admin, blue1 (department d1), red1; the password of each is its name.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MockDrill, redact } from './drill.mjs'

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const { WebSocketServer } = createRequire(join(ROOT, 'scoreboard/package.json'))('ws')

export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' }
const ACCOUNTS = { admin: { role: 'admin', team: null }, blue1: { role: 'blue', team: 'd1' }, red1: { role: 'red', team: 'r1' } }

export class MockServer {
  constructor(drill, { needLogin = false } = {}) {
    this.drill = drill
    this.needLogin = needLogin
    this.sessions = new Map()
    this.boards = 0
    this.sinces = []
    this.pasts = []
    this.refuseLive = false
    this.http = createServer((req, res) => this.answer(req, res))
    this.ws = new WebSocketServer({ noServer: true })
    this.http.on('upgrade', (req, socket, head) => this.upgrade(req, socket, head))
    this.send = (delta) => this.ws.clients.forEach((c) => c.send(JSON.stringify({ type: 'deltas', deltas: [redact(delta, drill, c.session)] })))
    drill.listeners.add(this.send)
  }

  listen(port = 0) {
    return new Promise((done) => this.http.listen(port, '127.0.0.1', () => done(`http://127.0.0.1:${this.http.address().port}`)))
  }

  /** Cuts every live line, as a restart would. */
  cut() {
    this.ws.clients.forEach((c) => c.terminate())
  }

  snapshot() {
    this.ws.clients.forEach((c) => c.send(JSON.stringify({ type: 'snapshot', board: this.drill.board(c.session) })))
  }

  async close() {
    this.drill.listeners.delete(this.send)
    this.cut()
    this.http.closeAllConnections()
    await new Promise((done) => this.http.close(done))
  }

  session(req) {
    const id = /(?:^|; )drill_session=([^;]+)/.exec(req.headers.cookie ?? '')?.[1]
    return this.sessions.get(id) ?? null
  }

  upgrade(req, socket, head) {
    const url = new URL(req.url, 'http://mock')
    const session = this.session(req)
    if (url.pathname !== '/api/v1/live' || this.refuseLive || (this.needLogin && !session)) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
      return
    }
    this.ws.handleUpgrade(req, socket, head, (client) => {
      client.session = session
      const since = Number(url.searchParams.get('since'))
      this.sinces.push(since)
      const missed = this.drill.deltas.filter((d) => d.seq > since).map((d) => redact(d, this.drill, session))
      if (missed.length > 0) client.send(JSON.stringify({ type: 'deltas', deltas: missed }))
    })
  }

  answer(req, res) {
    const url = new URL(req.url, 'http://mock')
    const session = this.session(req)
    switch (`${req.method} ${url.pathname}`) {
      case 'GET /api/v1/board':
        this.boards++
        if (this.needLogin && !session) return problem(res, 401, 'sign in')
        return json(res, 200, this.drill.board(session))
      case 'GET /api/v1/session':
        return session ? json(res, 200, session) : problem(res, 401, 'not signed in')
      case 'POST /api/v1/session':
        return void this.signIn(req, res)
      case 'DELETE /api/v1/session':
        if (!session || req.headers['x-csrf-token'] !== session.csrf) return problem(res, 403, 'X-CSRF-Token is missing or wrong')
        this.sessions.clear()
        res.writeHead(204, { 'Set-Cookie': 'drill_session=; Path=/; Max-Age=0' }).end()
        return
    }
    const past = /^\/api\/v1\/systems\/([^/]+)\/checks$/.exec(url.pathname)
    if (past) return this.past(past[1], url.searchParams.get('to'), session, res)
    return this.file(url.pathname, res)
  }

  /** As the server does: a department learns nothing of others' systems. */
  past(id, to, session, res) {
    this.pasts.push([id, to])
    if (!session) return problem(res, 401, 'sign in')
    if (session.role === 'red') return problem(res, 403, 'not for red teams')
    const system = this.drill.systems.find((s) => s.id === id)
    if (!system || (session.role === 'blue' && session.team !== system.team)) return problem(res, 404, `no system "${id}"`)
    return json(res, 200, this.drill.checks(id, to === null ? undefined : Number(to)))
  }

  async signIn(req, res) {
    let body = ''
    for await (const chunk of req) body += chunk
    const { account, password } = JSON.parse(body)
    const found = ACCOUNTS[account]
    if (!found || password !== account) return problem(res, 401, 'wrong account or password')
    const session = { account, ...found, csrf: `csrf-of-${account}` }
    this.sessions.set(account, session)
    res.setHeader('Set-Cookie', `drill_session=${account}; Path=/; HttpOnly; SameSite=Strict`)
    return json(res, 200, session)
  }

  file(path, res) {
    const name = extname(path) === '' ? '/index.html' : path
    try {
      const data = readFileSync(join(ROOT, 'build/web', name))
      res.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP, 'X-Content-Type-Options': 'nosniff' })
      res.end(data)
    } catch {
      problem(res, 404, `no such page: ${path}`)
    }
  }
}

function json(res, status, value) {
  res.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  res.end(JSON.stringify(value))
}

function problem(res, status, detail) {
  res.writeHead(status, { 'Content-Type': 'application/problem+json' })
  res.end(JSON.stringify({ type: 'about:blank', title: detail, status, detail }))
}

/** Plays the drill on the wall clock until it ends. */
export async function play(drill) {
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
  const sync = () => drill.advance(Math.max(0, Date.now() - drill.nowMs))
  while (drill.tick < drill.lastTick) {
    sync()
    drill.beginTick()
    const end = Date.now() + drill.tickMs
    const acts = drill.actsOfTick()
    for (const act of acts) {
      await sleep((drill.tickMs * 0.9) / acts.length)
      sync()
      act()
    }
    await sleep(Math.max(0, end - Date.now()))
    sync()
    drill.drillMs = (drill.tick + 1) * drill.tickMs
    drill.closeTick()
  }
  drill.end('')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = (name, fallback) => {
    const at = process.argv.indexOf(`--${name}`)
    return at < 0 ? fallback : Number(process.argv[at + 1])
  }
  const past = option('past', 40)
  const tickMs = option('tick', 5000)
  const drill = new MockDrill({
    departments: option('departments', 12), services: option('services', 5), reds: option('reds', 3), ticks: option('ticks', 480), tickMs,
    startMs: Date.now() - past * tickMs,
  })
  drill.start()
  drill.fastForward(past)
  const url = await new MockServer(drill).listen(option('port', 8700))
  console.log(url)
  await play(drill)
}

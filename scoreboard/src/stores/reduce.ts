// The board as a fold of its deltas: pure, and the only place that knows what a delta changes.
import type { Board, Delta, Drill, DrillState, History, System } from '../api/types'

export const FEED_MAX = 200
export const HISTORY_MAX = 500

const STATE_AFTER: Partial<Record<Delta['kind'], DrillState>> = {
  'drill.started': 'running',
  'drill.paused': 'paused',
  'drill.resumed': 'running',
  'drill.ended': 'ended',
}

/** A board as it came over the wire, with what may be left out filled in and what may grow bounded. */
export function normalize(board: Board): Board {
  return { ...board, urgent: board.urgent ?? [], feed: board.feed.slice(-FEED_MAX), history: thin(withTicks(board.history)) }
}

/** Applies deltas in order; those at or before the board's seq are already in it. The board given is left alone. */
export function applyDeltas(board: Board, deltas: readonly Delta[]): Board {
  const draft = new Draft(board)
  for (const delta of deltas) {
    if (delta.seq > draft.board.seq) draft.apply(delta)
  }
  return draft.board
}

class Draft {
  board: Board
  private index: Map<string, number> | null = null

  constructor(board: Board) {
    this.board = { ...board }
  }

  apply(delta: Delta): void {
    this.board.seq = delta.seq
    switch (delta.kind) {
      case 'drill.started':
      case 'drill.paused':
      case 'drill.resumed':
      case 'drill.ended':
        this.drill(delta, { state: delta.state ?? STATE_AFTER[delta.kind], reason: delta.reason ?? '' })
        this.note(delta)
        break
      case 'kill.switched':
      case 'kill.undone':
        this.drill(delta, { killed: delta.killed ?? delta.kind === 'kill.switched', reason: delta.reason ?? '' })
        this.note(delta)
        break
      case 'drill.stop_after':
        this.drill(delta, { last_tick: delta.last_tick ?? this.board.drill.last_tick })
        this.note(delta)
        break
      case 'tick.began':
        this.drill(delta, { tick: delta.tick ?? this.board.drill.tick, tick_open: true })
        break
      case 'tick.closed':
        this.closeTick(delta)
        break
      case 'check.done':
        this.check(delta)
        break
      case 'flag.captured':
        this.capture(delta)
        break
      case 'checks.held':
      case 'checks.released':
        this.mark(delta, { held: delta.kind === 'checks.held' })
        this.note(delta)
        break
      case 'void.adopted':
      case 'void.dropped':
        this.rescore(delta)
        break
      case 'announcement.made':
      case 'announcement.withdrawn':
        this.announce(delta)
        this.note(delta)
        break
      case 'checkpoint':
        this.board.head = delta.head ?? this.board.head
        this.board.head_seq = delta.upto ?? this.board.head_seq
        break
    }
  }

  /** Clock events carry both times, so each is a fresh anchor for the page's own clock. */
  private drill(delta: Delta, change: Partial<Drill>): void {
    this.board.drill = { ...this.board.drill, drill_ms: delta.drill_ms, now: delta.at, ...change }
  }

  /** What a delta carries for the board alone does not stay in the feed. */
  private note({ systems: _systems, ranking: _ranking, rows: _rows, history: _history, ...delta }: Delta): void {
    this.board.feed = [...this.board.feed.slice(-(FEED_MAX - 1)), delta]
  }

  /** Urgent ones stay in sight until they are withdrawn. */
  private announce({ id, at, title = '', text = '', urgent, until = null, kind }: Delta): void {
    const others = this.board.urgent.filter((a) => a.id !== id)
    const pinned = kind === 'announcement.made' && urgent && id !== undefined
    this.board.urgent = pinned ? [...others, { id, at, title, text, until }] : others
  }

  private mark(delta: Delta, change: Partial<System>): void {
    for (const id of delta.systems ?? []) {
      const system = this.system(id)
      if (system) this.replace({ ...system, ...change })
    }
  }

  /** Scores between ticks: those of the last closed tick, and the lines before it, are others now. */
  private rescore(delta: Delta): void {
    if (!delta.ranking) return // a proposal was dropped: nothing has changed
    this.mark(delta, { voided: delta.kind === 'void.adopted' })
    this.board.ranking = delta.ranking
    this.board.rows = delta.rows ?? this.board.rows
    if (delta.history) this.board.history = thin(withTicks(delta.history))
    this.note(delta)
  }

  private closeTick(delta: Delta): void {
    const tick = delta.tick ?? this.board.drill.tick
    this.drill(delta, { tick, tick_open: false })
    this.board.rows = delta.rows ?? this.board.rows
    if (!delta.ranking) return
    this.board.ranking = delta.ranking
    const totals = new Map(delta.ranking.map((r) => [r.team, r.total]))
    this.board.history = thin(appendTick(withTicks(this.board.history), tick, totals))
  }

  private check(delta: Delta): void {
    const before = this.system(delta.system)
    if (!before || !delta.status) return
    this.replace({
      ...before,
      status: delta.status,
      tick: delta.tick ?? before.tick,
      voided: false,
      ...(delta.message !== undefined && { message: delta.message }),
      ...(delta.trace !== undefined && { trace: delta.trace }),
    })
    // A first check that finds everything in order is no news; sixty departments would flood the feed with it.
    const first = before.status === 'none' && delta.status === 'ok'
    // Nor is that a system on hold is not checked: the hold is.
    const onHold = delta.status === 'none' && before.held
    if (before.status !== delta.status && !first && !onHold) this.note(delta)
  }

  private capture(delta: Delta): void {
    const victim = this.system(delta.system)
    if (victim) this.replace({ ...victim, flags_lost: (victim.flags_lost ?? 0) + 1 })
    this.note(delta)
  }

  private system(id: string | undefined): System | undefined {
    this.index ??= new Map(this.board.systems.map((s, i) => [s.id, i]))
    return this.board.systems[this.index.get(id ?? '') ?? -1]
  }

  private copied = false
  private replace(system: System): void {
    if (!this.copied) this.board.systems = this.board.systems.slice()
    this.copied = true
    const at = this.index?.get(system.id)
    if (at !== undefined) this.board.systems[at] = system
  }
}

type FullHistory = History & { ticks: number[] }

function withTicks(history: History): FullHistory {
  if (history.ticks) return { ...history, ticks: history.ticks }
  const length = Math.max(0, ...Object.values(history.totals).map((t) => t.length))
  return { ...history, ticks: Array.from({ length }, (_, i) => history.first_tick + i) }
}

function appendTick(history: FullHistory, tick: number, now: ReadonlyMap<string, number>): FullHistory {
  const length = history.ticks.length
  const totals: Record<string, number[]> = {}
  for (const team of new Set([...Object.keys(history.totals), ...now.keys()])) {
    const line = history.totals[team] ?? new Array<number>(length).fill(0)
    totals[team] = [...line, now.get(team) ?? line[length - 1] ?? 0]
  }
  return { first_tick: length ? history.first_tick : tick, ticks: [...history.ticks, tick], totals }
}

/** Past the maximum only every second tick (third, ...) stays, and always the newest. */
function thin(history: FullHistory): FullHistory {
  const length = history.ticks.length
  if (length <= HISTORY_MAX) return history
  const step = Math.ceil(length / HISTORY_MAX)
  const keep = (_: number, i: number): boolean => (length - 1 - i) % step === 0
  const ticks = history.ticks.filter(keep)
  const totals = Object.fromEntries(Object.entries(history.totals).map(([team, line]) => [team, line.filter(keep)]))
  return { first_tick: ticks[0] ?? history.first_tick, ticks, totals }
}

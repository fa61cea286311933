// What stands where in the matrix, and how large. Pure.
import type { Board, Service, System, Team } from '../api/types'

export interface Department {
  team: Team
  /** By service id; a department may run a service more than once, or not at all. */
  cells: ReadonlyMap<string, readonly System[]>
}

export interface MatrixFit {
  blocks: number
  rows: number
  rowPx: number
  /** Words beside the glyphs. */
  words: boolean
  /** Service names upright over narrow columns. */
  upright: boolean
  /** Rows too low for a name on two lines. */
  flat: boolean
}

export function departmentsOf(board: Board): Department[] {
  const cells = new Map<string, Map<string, System[]>>()
  for (const system of board.systems) {
    const row = cells.get(system.team) ?? new Map<string, System[]>()
    cells.set(system.team, row)
    row.set(system.service, [...(row.get(system.service) ?? []), system])
  }
  return board.teams
    .filter((team) => team.kind === 'blue' || cells.has(team.id))
    .map((team) => ({ team, cells: cells.get(team.id) ?? new Map<string, System[]>() }))
}

export function columnsOf(board: Board): Service[] {
  const used = new Set(board.systems.map((s) => s.service))
  return board.services.filter((service) => used.has(service.id))
}

const HEAD_REM = 2.6
const HEAD_UPRIGHT_REM = 6.8
const ROW_WORDS_REM = 2.9
const ROW_MIN_REM = 1.85
const ROW_TWO_LINES_REM = 2.6
const ROW_MAX_REM = 8
const NAME_REM = 11
const NAME_SMALL_REM = 7.5
const CELL_WORDS_REM = 5.4
const CELL_MIN_REM = 1.7
const GAP_REM = 1.25

/** One block with words if it fits, else as many blocks of glyphs as the width allows, with pages for the rest. */
export function fitMatrix(departments: number, services: number, size: { width: number; height: number; rem: number }, wide: boolean): MatrixFit {
  const n = Math.max(1, departments)
  const s = Math.max(1, services)
  if (!wide) return { blocks: 1, rows: n, rowPx: 3 * size.rem, words: true, upright: false, flat: false }
  const width = size.width / size.rem
  const height = size.height / size.rem
  const words = NAME_REM + s * CELL_WORDS_REM <= width
  const upright = !words && (width - NAME_REM) / s < 5
  const room = height - (upright ? HEAD_UPRIGHT_REM : HEAD_REM)
  if (n * ROW_WORDS_REM <= room || (n * ROW_MIN_REM <= room && n <= 24)) {
    return { blocks: 1, rows: n, rowPx: clampRow(room / n) * size.rem, words, upright, flat: room / n < ROW_TWO_LINES_REM }
  }
  const narrow = NAME_SMALL_REM + s * CELL_MIN_REM
  const most = Math.max(1, Math.floor((width + GAP_REM) / (narrow + GAP_REM)))
  const roomSmall = height - HEAD_UPRIGHT_REM
  const perBlock = Math.max(1, Math.floor(roomSmall / ROW_MIN_REM))
  const blocks = Math.min(most, Math.ceil(n / perBlock))
  const pages = Math.ceil(n / (blocks * perBlock))
  const rows = Math.ceil(n / pages / blocks)
  return { blocks, rows, rowPx: clampRow(roomSmall / rows) * size.rem, words: false, upright: true, flat: roomSmall / rows < ROW_TWO_LINES_REM }
}

function clampRow(rem: number): number {
  return Math.min(ROW_MAX_REM, Math.max(ROW_MIN_REM, rem))
}

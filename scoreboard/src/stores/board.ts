// What came over the wire: the board, how well we are connected, and the server's clock.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { LiveState } from '../api/live'
import type { Board, Delta, LiveFrame, Service, System, Team } from '../api/types'
import { correctedOffset, offsetFrom } from './clock'
import { applyDeltas, normalize } from './reduce'

// A full tick's checks come within moments of each other: one redraw for all of them.
const GATHER_MS = 80

export const useBoardStore = defineStore('board', () => {
  const board = shallowRef<Board | null>(null)
  const live = ref<LiveState>('connecting')
  const offsetMs = ref(0)
  const heardAtMs = ref(0)
  let gathered: Delta[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function replace(next: Board): void {
    gathered = []
    board.value = normalize(next)
    heardAtMs.value = performance.now()
    offsetMs.value = offsetFrom(next.drill.now, heardAtMs.value)
  }

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    const deltas = gathered
    gathered = []
    if (board.value && deltas.length > 0) board.value = applyDeltas(board.value, deltas)
  }

  function receive(frame: LiveFrame): void {
    if (frame.type === 'snapshot') {
      replace(frame.board)
      return
    }
    heardAtMs.value = performance.now()
    gathered.push(...frame.deltas)
    const last = frame.deltas[frame.deltas.length - 1]
    if (last) offsetMs.value = correctedOffset(offsetMs.value, last.at, heardAtMs.value)
    timer ??= setTimeout(flush, GATHER_MS)
  }

  /** Where to resume: everything up to here has been seen. */
  function since(): number {
    flush()
    return board.value?.seq ?? 0
  }

  function clear(): void {
    clearTimeout(timer)
    timer = undefined
    gathered = []
    board.value = null
    live.value = 'connecting'
  }

  const byId = <T extends { id: string }>(list: readonly T[] | undefined): Map<string, T> =>
    new Map((list ?? []).map((item) => [item.id, item]))
  const teams = computed<Map<string, Team>>(() => byId(board.value?.teams))
  const services = computed<Map<string, Service>>(() => byId(board.value?.services))
  const systems = computed<Map<string, System>>(() => byId(board.value?.systems))

  return { board, live, offsetMs, heardAtMs, teams, services, systems, replace, receive, since, clear }
})

// One beat for the whole page: server time and drill time between messages, four times a second.
import { computed, onScopeDispose, ref } from 'vue'
import { useBoardStore } from '../stores/board'
import { drillTimeMs, tickLeftMs } from '../stores/clock'

const BEAT_MS = 250

export function useClock() {
  const store = useBoardStore()
  const monotonic = ref(performance.now())
  const timer = setInterval(() => (monotonic.value = performance.now()), BEAT_MS)
  onScopeDispose(() => clearInterval(timer))

  const serverMs = computed(() => monotonic.value + store.offsetMs)
  const drillMs = computed(() => (store.board ? drillTimeMs(store.board.drill, serverMs.value) : 0))
  const leftMs = computed(() => (store.board ? tickLeftMs(store.board.drill, drillMs.value) : null))
  return { monotonic, serverMs, drillMs, leftMs }
}

/** 1:02:03, or 02:03 below an hour. */
export function clockText(ms: number, withHours: boolean): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (n: number): string => String(n).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const tail = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return withHours || hours > 0 ? `${two(hours)}:${tail}` : tail
}

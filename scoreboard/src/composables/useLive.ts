// Owns the live connection for as long as its component lives.
import { onScopeDispose } from 'vue'
import { getBoard } from '../api/http'
import { LiveConnection } from '../api/live'
import { useBoardStore } from '../stores/board'
import { drillTimeMs } from '../stores/clock'

const WATCH_MS = 5_000
const SILENCE_MS = 15_000

function liveUrl(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/live`
}

export function useLive(onDenied: () => void): { reload: () => void } {
  const store = useBoardStore()
  const open = (): LiveConnection =>
    new LiveConnection(
      {
        fetchBoard: getBoard,
        onBoard: store.replace,
        onFrame: store.receive,
        since: store.since,
        onState: (state) => {
          store.live = state
          if (state === 'denied') onDenied()
        },
      },
      liveUrl(),
    )
  let connection = open()
  connection.start()

  // A cut wire closes nothing. While the drill runs, a tick that ought to have closed long ago, and a silent
  // line, mean that we no longer hear the server.
  function looksDead(): boolean {
    const drill = store.board?.drill
    if (store.live !== 'live' || !drill || drill.state !== 'running') return false
    const now = performance.now()
    const overdue = drillTimeMs(drill, now + store.offsetMs) - (drill.tick + 1) * drill.tick_ms
    return overdue > SILENCE_MS && now - store.heardAtMs > SILENCE_MS
  }
  const watch = setInterval(() => looksDead() && connection.restart(), WATCH_MS)
  const onOnline = (): void => connection.restart()
  window.addEventListener('online', onOnline)

  onScopeDispose(() => {
    clearInterval(watch)
    window.removeEventListener('online', onOnline)
    connection.stop()
  })

  /** Another person is looking now: what the board holds may differ. */
  function reload(): void {
    connection.stop()
    store.clear()
    connection = open()
    connection.start()
  }
  return { reload }
}

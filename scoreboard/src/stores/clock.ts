// Server time and drill time between two messages. Pure: the caller brings the monotonic clock.
import type { Drill } from '../api/types'

/** Milliseconds to add to the page's monotonic clock to get the server's wall clock. */
export function offsetFrom(serverNow: string, monotonicMs: number): number {
  return Date.parse(serverNow) - monotonicMs
}

/** The server cannot be earlier than an event it has written: a page that slept catches up. */
export function correctedOffset(offset: number, eventAt: string, monotonicMs: number): number {
  return Math.max(offset, Date.parse(eventAt) - monotonicMs)
}

/** Drill time runs only while the drill does. */
export function drillTimeMs(drill: Drill, serverMs: number): number {
  if (drill.state !== 'running') return drill.drill_ms
  return drill.drill_ms + Math.max(0, serverMs - Date.parse(drill.now))
}

/** What is left of the open tick, or null when none is open. */
export function tickLeftMs(drill: Drill, drillMs: number): number | null {
  if (!drill.tick_open || drill.state === 'ended' || drill.state === 'planned') return null
  return Math.max(0, (drill.tick + 1) * drill.tick_ms - drillMs)
}

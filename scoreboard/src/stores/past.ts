// Pages of a system's past, one below the other. Pure.
import type { PastCheck } from '../api/types'

/** Newest first. A newer answer wins for the ticks it has; if ticks lie between the two, only the newer page is sure. */
export function joinPages(have: readonly PastCheck[], page: readonly PastCheck[]): PastCheck[] {
  const next = page.slice().sort((a, b) => b.tick - a.tick)
  const [newest, oldest] = [have[0], next[next.length - 1]]
  if (!newest || !oldest) return next.length > 0 ? next : have.slice()
  if (oldest.tick > newest.tick + 1) return next
  const fresh = new Set(next.map((c) => c.tick))
  return [...next, ...have.filter((c) => !fresh.has(c.tick))].sort((a, b) => b.tick - a.tick)
}

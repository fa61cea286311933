// The past of one system's checks for as long as its component lives: the newest ticks at once, earlier ones on
// demand, and what comes meanwhile.
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { getChecks } from '../api/http'
import type { PastCheck } from '../api/types'
import { joinPages } from '../stores/past'

export type HistoryState = 'loading' | 'ready' | 'failed'

export function useCheckHistory(system: string) {
  const checks = shallowRef<readonly PastCheck[]>([])
  const state = ref<HistoryState>('loading')
  /** Every tick that has closed has an entry, so the oldest one tells where its page began. */
  const oldest = computed(() => checks.value[checks.value.length - 1]?.tick ?? 0)
  let gone = false
  // One request after the other: two pages that overtake each other would leave a gap.
  let line: Promise<void> = Promise.resolve()

  async function fetchPage(to: number | undefined): Promise<void> {
    if (gone) return
    state.value = 'loading'
    try {
      checks.value = joinPages(checks.value, (await getChecks(system, to)).checks)
      state.value = 'ready'
    } catch {
      state.value = 'failed'
    }
  }
  const refresh = (): Promise<void> => (line = line.then(() => fetchPage(undefined)))
  const loadEarlier = (): Promise<void> => (line = line.then(() => (oldest.value > 0 ? fetchPage(oldest.value - 1) : undefined)))
  onScopeDispose(() => (gone = true))

  return { checks, state, hasEarlier: computed(() => oldest.value > 0), refresh, loadEarlier }
}

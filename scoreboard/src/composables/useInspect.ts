// Whose past the viewer may read, and the one that is open: the board provides it, whatever shows a system opens it.
// The server decides anyway; what it would refuse is no button here.
import { computed, inject, type InjectionKey, provide, ref, type Ref } from 'vue'
import type { System } from '../api/types'
import { useBoardStore } from '../stores/board'
import { useSessionStore } from '../stores/session'

interface Inspect {
  may(system: System): boolean
  open(system: System): void
}
const KEY: InjectionKey<Inspect> = Symbol('inspect')

export function provideInspect(): { inspected: Ref<System | undefined>; close: () => void } {
  const board = useBoardStore()
  const session = useSessionStore()
  const id = ref<string | null>(null)

  function may(system: System): boolean {
    const who = session.session
    if (!who || who.role === 'red') return false
    return who.role !== 'blue' || who.team === system.team
  }
  provide(KEY, { may, open: (system) => (id.value = system.id) })
  const inspected = computed(() => {
    const system = board.systems.get(id.value ?? '')
    return system && may(system) ? system : undefined
  })
  return { inspected, close: () => (id.value = null) }
}

export function useInspect(): Inspect {
  return inject(KEY, { may: () => false, open: () => undefined })
}

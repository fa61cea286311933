// In which order a department sees its own systems. Pure.
import type { Status, System } from '../api/types'

/** Worst first. What the organizers have to answer for comes before what is well, but after every trouble. */
const TROUBLE: readonly Status[] = ['down', 'mumble', 'corrupt', 'recovering', 'fault', 'none', 'ok']

/** Nothing to be told about it but that it is well. */
export const isFine = (system: System): boolean => system.status === 'ok' && !system.held && !system.voided

export function byTrouble(systems: readonly System[]): System[] {
  const rank = (s: System): number => TROUBLE.indexOf(s.status) + (isFine(s) ? 1 : 0)
  return systems.slice().sort((a, b) => rank(a) - rank(b))
}

// The contract's names, taken from the OpenAPI file that the server itself serves.
import type { components } from './schema'

type Schemas = components['schemas']

export type I18n = Schemas['I18n']
export type DrillState = Schemas['State']
export type Status = Schemas['Status']
export type Role = Schemas['Role']
export type Drill = Schemas['Drill']
export type Team = Schemas['Team']
export type Service = Schemas['Service']
export type System = Schemas['System']
export type Ranking = Schemas['Ranking']
export type Delta = Schemas['Delta']
export type Board = Schemas['Board']
export type History = Schemas['History']
export type CheckHistory = Schemas['CheckHistory']
export type PastCheck = CheckHistory['checks'][number]
export type LiveFrame = Schemas['LiveFrame']
export type Session = Schemas['Session']
export type Problem = Schemas['Problem']

/** Every status, in the order of the legend. */
export const STATUSES: readonly Status[] = ['ok', 'recovering', 'corrupt', 'mumble', 'down', 'fault', 'none']

/** The checker failed, or nobody checked: no failure of the department, and no points either way. */
export const isOrganizers = (status: Status): boolean => status === 'fault' || status === 'none'

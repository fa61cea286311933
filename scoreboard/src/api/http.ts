// REST under /api/v1. Decides nothing: an answer that is not 2xx becomes an ApiError for the caller to judge.
import type { Board, CheckHistory, Problem, Session } from './types'

const BASE = '/api/v1'
const TIMEOUT_MS = 15_000

export class ApiError extends Error {
  /** 0 = no answer at all. */
  readonly status: number

  constructor(status: number, detail: string) {
    super(detail)
    this.status = status
  }
}

async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let answer: Response
  try {
    answer = await fetch(BASE + path, {
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...init,
      headers: { Accept: 'application/json', ...init.headers },
    })
  } catch (cause) {
    throw new ApiError(0, String(cause))
  }
  if (!answer.ok) throw new ApiError(answer.status, await problemDetail(answer))
  return answer
}

async function problemDetail(answer: Response): Promise<string> {
  try {
    const problem = (await answer.json()) as Partial<Problem>
    return problem.detail ?? problem.title ?? answer.statusText
  } catch {
    return answer.statusText
  }
}

async function json<T>(answer: Response): Promise<T> {
  try {
    return (await answer.json()) as T
  } catch (cause) {
    throw new ApiError(0, String(cause))
  }
}

export async function getBoard(): Promise<Board> {
  return json<Board>(await request('/board'))
}

/** What the checks of a system said in the 20 ticks up to this one, or in the newest. */
export async function getChecks(system: string, to?: number): Promise<CheckHistory> {
  const range = to === undefined ? '' : `?to=${to}`
  return json<CheckHistory>(await request(`/systems/${encodeURIComponent(system)}/checks${range}`))
}

export async function getSession(): Promise<Session> {
  return json<Session>(await request('/session'))
}

export async function postSession(account: string, password: string): Promise<Session> {
  const body = JSON.stringify({ account, password })
  const headers = { 'Content-Type': 'application/json' }
  return json<Session>(await request('/session', { method: 'POST', headers, body }))
}

export async function deleteSession(csrf: string): Promise<void> {
  await request('/session', { method: 'DELETE', headers: { 'X-CSRF-Token': csrf } })
}

// Who is signed in. The cookie itself is out of a script's reach; what is remembered here is only that there is
// one, so that the public page does not ask the server on every visit.
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { ApiError, deleteSession, getSession, postSession } from '../api/http'
import type { Session } from '../api/types'
import { remember, recall } from './memory'

const SIGNED_IN = 'drill.signed_in'

export const useSessionStore = defineStore('session', () => {
  const session = ref<Session | null>(null)

  async function restore(): Promise<void> {
    if (session.value || recall(SIGNED_IN) === null) return
    try {
      session.value = await getSession()
    } catch (cause) {
      if (cause instanceof ApiError && (cause.status === 401 || cause.status === 403)) forget()
    }
  }

  async function signIn(account: string, password: string): Promise<void> {
    session.value = await postSession(account, password)
    remember(SIGNED_IN, '1')
  }

  /** Signed out here only when the server has agreed, or no longer knows the session. */
  async function signOut(): Promise<void> {
    try {
      if (session.value) await deleteSession(session.value.csrf)
    } catch (cause) {
      if (!(cause instanceof ApiError) || (cause.status !== 401 && cause.status !== 403)) throw cause
    }
    forget()
  }

  function forget(): void {
    session.value = null
    remember(SIGNED_IN, null)
  }

  return { session, restore, signIn, signOut, forget }
})

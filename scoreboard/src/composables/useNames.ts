// Names, messages and numbers in the reader's language.
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { I18n } from '../api/types'
import type { Locale } from '../i18n'
import { messageIn } from '../i18n/messages'
import { useBoardStore } from '../stores/board'

export function useNames() {
  const { locale } = useI18n()
  const store = useBoardStore()

  function name(text: I18n | undefined): string {
    if (!text) return ''
    return (locale.value === 'en' ? text.en || text.zh : text.zh || text.en) || ''
  }
  const teamName = (id: string | null | undefined): string => name(store.teams.get(id ?? '')?.name) || (id ?? '')
  const systemName = (id: string | undefined): string => name(store.systems.get(id ?? '')?.name) || (id ?? '')

  /** A check's public message. */
  const messageText = (message: string): string => messageIn(locale.value as Locale, message)

  const tenths = computed(() => new Intl.NumberFormat(locale.value, { minimumFractionDigits: 1, maximumFractionDigits: 1 }))
  const whole = computed(() => new Intl.NumberFormat(locale.value, { maximumFractionDigits: 0 }))
  // A rounded -0.0 is a plain nought.
  const score = (value: number): string => tenths.value.format(Math.round(value * 10) / 10 + 0)
  /** Part of a score: four digits do without tenths, nought without either. */
  const part = (value: number): string => (value === 0 || Math.abs(value) >= 1000 ? whole.value.format(value + 0) : score(value))

  return { name, teamName, systemName, messageText, score, part }
}

// Two languages, equal in rights. The browser's wish decides the first visit, the switch every later one.
import { createI18n } from 'vue-i18n'
import { recall, remember } from '../stores/memory'
import en from './en.json'
import zh from './zh-CN.json'

export type Locale = 'zh-CN' | 'en'
type Messages = typeof zh

const LOCALE = 'drill.locale'

function preferred(): Locale {
  const remembered = recall(LOCALE)
  if (remembered === 'zh-CN' || remembered === 'en') return remembered
  for (const wish of navigator.languages) {
    if (/^zh\b/i.test(wish)) return 'zh-CN'
    if (/^en\b/i.test(wish)) return 'en'
  }
  return 'zh-CN'
}

export const i18n = createI18n<[Messages], Locale, false>({
  legacy: false,
  locale: preferred(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh, en },
})

document.documentElement.lang = i18n.global.locale.value

export function setLocale(locale: Locale): void {
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  remember(LOCALE, locale)
}

// A check's public message in the reader's language. The checker's own sentences are fixed, and English in journal
// and API; the table has each as C's format, with its Chinese ({1}: the first value; {message 1}: that one, a whole
// message). What an author wrote, and whatever else is not in the table, stays as it came.
import type { Locale } from '.'
import table from './messages.zh-CN.json'

interface Pattern {
  form: RegExp
  template: string
}

const VALUE = /%[\d.*]*(?:ll|z)?([dus%])/g
const HOLE = /\{(message )?(\d)\}/g
const STATUSES = /^\d+( or \d+)+$/
const KNOWN_MAX = 1000
const SEPARATOR = ': '

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function form(format: string): RegExp {
  let source = ''
  let at = 0
  for (const m of format.matchAll(VALUE)) {
    source += escaped(format.slice(at, m.index)) + (m[1] === '%' ? '%' : m[1] === 's' ? '(.*?)' : '(-?\\d+)')
    at = m.index + m[0].length
  }
  return new RegExp(`^${source}${escaped(format.slice(at))}$`, 's')
}

/** Those with the most words of their own first: "cannot start %s: %s" goes before "%s: %s". */
function patterns(entries: Record<string, string>): readonly Pattern[] {
  const words = (format: string): number => format.replace(VALUE, '').length
  return Object.entries(entries)
    .sort(([a], [b]) => words(b) - words(a))
    .map(([format, template]) => ({ form: form(format), template }))
}

const sentences = patterns(table.sentences)
const parts = patterns(table.parts)
const known = new Map<string, string>()

function filled(text: string, among: readonly Pattern[]): string | undefined {
  for (const { form, template } of among) {
    const values = form.exec(text)
    if (values) return template.replace(HOLE, (_, whole, i) => (whole ? chinese : value)(values[Number(i)] ?? ''))
  }
  return undefined
}

/** "STEP: SENTENCE": the step's name, which may hold colons of its own, is the author's. */
function afterName(text: string): string | undefined {
  for (let at = text.indexOf(SEPARATOR); at > 0; at = text.indexOf(SEPARATOR, at + 1)) {
    const sentence = filled(text.slice(at + SEPARATOR.length), sentences)
    if (sentence !== undefined) return `${text.slice(0, at)}：${sentence}`
  }
  return undefined
}

/** What a sentence quotes: a reason, in words of a library, too; but not what an author wrote ({message 1}). */
function value(text: string): string {
  if (STATUSES.test(text)) return text.replaceAll(' or ', ` ${table.or} `)
  return filled(text, parts) ?? chinese(text)
}

function chinese(text: string): string {
  return filled(text, sentences) ?? afterName(text) ?? text
}

/** A check's public message as a reader of this language is shown it. */
export function messageIn(locale: Locale, message: string): string {
  if (locale !== 'zh-CN') return message
  let said = known.get(message)
  if (said === undefined) {
    if (known.size >= KNOWN_MAX) known.clear()
    said = chinese(message)
    known.set(message, said)
  }
  return said
}

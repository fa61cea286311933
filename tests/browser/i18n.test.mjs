// Both languages say everything: the same keys, none empty, the same placeholders, and every key is used.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from './lib.mjs'

const SRC = join(ROOT, 'scoreboard/src')
const load = (name) => flat(JSON.parse(readFileSync(join(SRC, 'i18n', name), 'utf8')))
const zh = load('zh-CN.json')
const en = load('en.json')

function flat(tree, prefix = '') {
  return Object.entries(tree).flatMap(([key, value]) => (typeof value === 'string' ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`)))
}

/** But for the API's types, which are made of its description: that has examples in both languages. */
function sources(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return sources(join(dir, entry.name))
    return /\.(vue|ts)$/.test(entry.name) && entry.name !== 'schema.ts' ? [readFileSync(join(dir, entry.name), 'utf8')] : []
  })
}

test('Chinese and English have the same keys in the same order', () => {
  assert.deepEqual(zh.map(([key]) => key), en.map(([key]) => key))
})

test('no text is empty, and both languages fill in the same values', () => {
  const values = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()
  const english = new Map(en)
  for (const [key, text] of zh) {
    assert.notEqual(text.trim(), '', key)
    assert.notEqual(english.get(key).trim(), '', key)
    assert.deepEqual(values(text), values(english.get(key)), key)
  }
})

test('every key is used and every key used exists', () => {
  const code = sources(SRC).join('\n')
  const used = [...code.matchAll(/\bt\(\s*(['`])([\w.${}\s]+?)\1/g)].map((m) => m[2])
  assert.ok(used.length > 30, 'the pattern finds the calls')
  const patterns = used.map((key) => new RegExp(`^${key.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '[^.]+')}$`))
  const keys = zh.map(([key]) => key)
  for (const key of keys) assert.ok(patterns.some((p) => p.test(key)), `${key} is not used`)
  for (const [i, p] of patterns.entries()) assert.ok(keys.some((key) => p.test(key)), `${used[i]} does not exist`)
})

test('no Chinese text outside the language files', () => {
  for (const code of sources(SRC)) assert.doesNotMatch(code, /[\u4e00-\u9fff]/)
})

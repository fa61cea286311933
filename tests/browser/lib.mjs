// What the browser tests share: Chromium without a window, a page that remembers every complaint, TypeScript
// modules of the page loaded by themselves.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
/** How long what must come may take: a busy machine is no fault of the page's. */
export const PATIENCE_MS = 60_000
const scoreboard = createRequire(join(ROOT, 'scoreboard/package.json'))

const ARGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
]

/** One Chromium with a profile of its own; close() takes both away. */
export async function openBrowser({ locale = 'zh-CN', width = 1920, height = 1080 } = {}) {
  const { chromium } = scoreboard('playwright-core')
  const profile = mkdtempSync(join(tmpdir(), 'drill-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true, args: ARGS, timeout: 2 * PATIENCE_MS, locale, viewport: { width, height },
  })
  return {
    context,
    async close() {
      await context.close()
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** A page whose errors, warnings and policy violations are kept in .complaints. */
export async function openPage(context) {
  const page = await context.newPage()
  const complaints = []
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && complaints.push(`${m.type()}: ${m.text()}`))
  page.on('pageerror', (e) => complaints.push(`exception: ${e.stack}`))
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (e) => console.error(`CSP ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`))
  })
  page.setDefaultTimeout(PATIENCE_MS)
  return Object.assign(page, { complaints })
}

/** Asked from outside the page: its policy forbids what Playwright's own waitForFunction does inside. */
export async function eventually(holds) {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `not within ${PATIENCE_MS} ms: ${holds}`)
    await new Promise((done) => setTimeout(done, 50))
  }
}

/** A module of the page, without a browser. */
export async function importPageModule(path) {
  const esbuild = createRequire(scoreboard.resolve('vite'))('esbuild')
  const dir = join(ROOT, 'build/test-web')
  mkdirSync(dir, { recursive: true })
  const outfile = join(dir, basename(path).replace(/\.ts$/, `.${process.pid}.mjs`))
  await esbuild.build({ entryPoints: [join(ROOT, 'scoreboard/src', path)], outfile, bundle: true, format: 'esm', platform: 'neutral', logLevel: 'error' })
  const module = await import(pathToFileURL(outfile).href)
  rmSync(outfile)
  return module
}

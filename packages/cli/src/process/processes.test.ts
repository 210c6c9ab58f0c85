import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { decideRestart, restartPolicy } from './backoff.ts'
import { Child, describeExit, killAllChildren } from './child.ts'
import { DetectorPool } from './detector-pool.ts'
import { buildChildEnvironment } from './environment.ts'
import { digestLine } from './log-lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidewatch-processes-'))
afterEach(killAllChildren)
afterAll(() => rmSync(folder, { recursive: true }))

const entry = new URL('../testing/fake-worker.ts', import.meta.url).href
const start = (environment: Record<string, string> = {}, name = 'worker') =>
  new Child({ name, entry, environment: buildChildEnvironment(process.env, environment), logFile: join(folder, `${name}.log`) })
const until = async (isTrue: () => boolean | Promise<boolean>) => {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10))
}

describe('a child process', () => {
  test('tells its port in its log, answers there, and ends when asked to', async () => {
    const child = start({ TIDEWATCH_PORT: '0' })
    await until(() => child.isReady())
    expect(await child.scrape()).toEqual([{ name: 'readings_total', labels: {}, value: 7 }, { name: 'configured', labels: { name: '0' }, value: 1 }])
    expect(await child.stop(5_000)).toEqual({ code: 0, signal: null })
    expect(await child.isReady()).toBe(false)
    expect(readFileSync(join(folder, 'worker.log'), 'utf8')).toContain('Serving metrics and probes')
  })

  test('is killed when it does not end in time', async () => {
    const child = start({ FAKE_DEAF: 'yes' })
    await until(() => child.isReady())
    expect(describeExit(await child.stop(100))).toBe('was killed by SIGKILL')
  })

  test('may have threads', async () => {
    const child = start({ FAKE_THREAD: 'yes' })
    await Promise.race([until(() => child.isReady()), child.exited])
    expect(child.exit).toBeUndefined()
    expect(await child.stop(5_000)).toEqual({ code: 0, signal: null })
  })

  test('that fails leaves its last complaint', async () => {
    const child = start({ FAKE_FAILS: 'The file is missing' })
    expect(describeExit(await child.exited)).toBe('ended with code 1')
    expect(child.lastError).toBe('The file is missing')
  })
})

test('a child gets our environment without our settings, and its own', () => {
  expect(buildChildEnvironment({ PATH: '/bin', TIDEWATCH_CACHE_DIR: '/c', EMPTY: undefined }, { TIDEWATCH_PORT: '0' })).toEqual({ PATH: '/bin', TIDEWATCH_PORT: '0' })
})

test.each([
  ['a port', '{"level":"info","msg":"Serving metrics and probes","port":4711}', { port: 4711, lastError: undefined }],
  ['an error with its cause', '{"level":"error","msg":"Could not commit","err":{"message":"it is stuck"}}', { port: undefined, lastError: 'Could not commit: it is stuck' }],
  ['a word of no weight', '{"level":"info","msg":"Started"}', { port: undefined, lastError: undefined }],
  ['an error of the runtime', 'TypeError [ERR_X]: no such thing', { port: undefined, lastError: 'TypeError [ERR_X]: no such thing' }],
  ['a thrown error', "Error: Cannot find module '/x'", { port: undefined, lastError: "Error: Cannot find module '/x'" }],
  ['half a line', '{"level":"err', { port: undefined, lastError: undefined }],
])('a log line: %s', (_, line, expected) => {
  expect(digestLine({ port: undefined, lastError: undefined }, line)).toEqual(expected)
})

test.each([
  ['the first death', 0, 100, { deaths: 1, pauseMs: 500 }],
  ['the third in a row', 2, 100, { deaths: 3, pauseMs: 2_000 }],
  ['one after a good while', 3, 60_000, { deaths: 1, pauseMs: 500 }],
  ['the fifth in a row', 4, 100, undefined],
] as const)('a restart after %s', (_, deathsBefore, ranMs, expected) => {
  expect(decideRestart(restartPolicy, deathsBefore, ranMs)).toEqual(expected)
})

describe('a pool of detectors', () => {
  const never = new AbortController().signal

  test('has as many as it is told, and keeps what those counted that are gone', async () => {
    const pool = new DetectorPool({ start: (id) => start({}, `d${id}`), notify: () => {} })
    pool.resize(2)
    await pool.becomeReady(never)
    await pool.scrape()
    expect([pool.running, pool.ledger.totals().sum('readings_total')]).toEqual([2, 14])
    pool.resize(1)
    await until(() => pool.ledger.totals().sum('configured') === 1)
    expect([pool.running, pool.ledger.totals().sum('readings_total'), pool.history.peak]).toEqual([1, 14, 2])
    await pool.stop()
    expect([pool.running, pool.ledger.totals().sum('readings_total')]).toEqual([0, 14])
  })

  test('starts another one for one that was killed, and says so', async () => {
    const notices: string[] = []
    const children: Child[] = []
    const pool = new DetectorPool({ start: (id) => children[children.push(start({}, `d${id}`)) - 1]!, notify: (text) => notices.push(text) })
    pool.resize(1)
    await pool.becomeReady(never)
    children[0]?.kill('SIGKILL')
    await until(() => children.length === 2)
    await pool.becomeReady(never)
    expect(notices).toEqual([`d1 (pid ${children[0]?.pid}) was killed by SIGKILL: starting another in 0.5 s`])
    expect(pool.history).toEqual({ peak: 1, restarts: 1 })
    await pool.stop()
  })

  test('says why when its first detector does not come up', async () => {
    const pool = new DetectorPool({ start: () => start({ FAKE_FAILS: 'No Kafka broker answered' }, 'detector hvac-1'), notify: () => {} })
    pool.resize(1)
    await expect(pool.becomeReady(never)).rejects.toThrow('detector hvac-1 ended with code 1: No Kafka broker answered')
    await pool.stop()
  })
})

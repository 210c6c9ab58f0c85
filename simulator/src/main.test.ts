import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { aConfig } from './testing/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidewatch-simulator-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs the process to its end. */
async function run(environment: Record<string, string>): Promise<{ code: number | null; lastLine: Record<string, unknown> }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url))], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (data: Buffer) => (output += data.toString()))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, lastLine: JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown> }
}

describe('the process refuses, in one sentence,', () => {
  test('an environment without its settings', async () => {
    const { code, lastLine } = await run({})
    expect(code).toBe(1)
    expect(lastLine).toMatchObject({ level: 'fatal', code: 'CONFIG_INVALID' })
    expect(lastLine['msg']).toMatch(/^The environment is not valid: TIDEWATCH_CONFIG_FILE: is required/)
  }, 20_000)

  test('a configuration file that is not one', async () => {
    const file = join(folder, 'fleet.json')
    writeFileSync(file, JSON.stringify({ ...aConfig(), topic: '' }))
    const { code, lastLine } = await run({ TIDEWATCH_CONFIG_FILE: file, TIDEWATCH_KAFKA_BROKERS: '127.0.0.1:1', TIDEWATCH_PORT: '0' })
    expect(code).toBe(1)
    expect(lastLine).toMatchObject({ level: 'fatal', code: 'CONFIG_INVALID' })
    expect(lastLine['msg']).toMatch(/^The fleet's configuration is not valid: topic: /)
  }, 20_000)

  test('a password file that is not there', async () => {
    const file = join(folder, 'with-password.json')
    writeFileSync(file, JSON.stringify(aConfig()))
    const login = { TIDEWATCH_KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', TIDEWATCH_KAFKA_USERNAME: 'bob', TIDEWATCH_KAFKA_PASSWORD_FILE: '/nowhere/password' }
    const { code, lastLine } = await run({ TIDEWATCH_CONFIG_FILE: file, TIDEWATCH_KAFKA_BROKERS: '127.0.0.1:1', TIDEWATCH_PORT: '0', ...login })
    expect(code).toBe(1)
    expect(lastLine).toMatchObject({
      level: 'fatal',
      code: 'CONFIG_INVALID',
      msg: 'The environment is not valid: TIDEWATCH_KAFKA_PASSWORD_FILE: /nowhere/password cannot be read: there is no such file',
    })
  }, 20_000)

  test('a Kafka that does not answer within 10 s', async () => {
    const file = join(folder, 'unreachable.json')
    writeFileSync(file, JSON.stringify(aConfig()))
    const { code, lastLine } = await run({ TIDEWATCH_CONFIG_FILE: file, TIDEWATCH_KAFKA_BROKERS: '127.0.0.1:1', TIDEWATCH_PORT: '0' })
    expect(code).toBe(1)
    expect(lastLine).toMatchObject({ level: 'fatal', code: 'KAFKA_UNREACHABLE' })
    expect(lastLine['msg']).toMatch(/^No Kafka broker answered at 127\.0\.0\.1:1 within 10 s \(tried \d+ times: connect ECONNREFUSED\)/)
  }, 40_000)
})

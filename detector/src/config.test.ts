import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readEnvironment } from '@tidewatch/kit'
import { afterAll, describe, expect, test } from 'vitest'
import { environment, readConfigFile } from './config.ts'
import { aConfig } from './testing/a-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidewatch-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (text: string) => {
  const path = join(folder, 'config.json')
  writeFileSync(path, text)
  return path
}

describe('the environment', () => {
  const given = { TIDEWATCH_CONFIG_FILE: '/etc/config.json', TIDEWATCH_KAFKA_BROKERS: 'localhost:9092' }

  test('has defaults for all but the file and the brokers', () => {
    expect(readEnvironment(environment, given)).toEqual({ ...given, TIDEWATCH_KAFKA_TLS: 'false', TIDEWATCH_PORT: 8080, TIDEWATCH_SESSION_TIMEOUT_MS: 45_000, TIDEWATCH_OTHER_CHECKPOINTS: 'refuse', TIDEWATCH_LOG_LEVEL: 'info' })
  })

  test('says in one sentence all that is missing or wrong', () => {
    expect(() => readEnvironment(environment, { TIDEWATCH_PORT: 'x', TIDEWATCH_BROKER: 'y' })).toThrow(
      'The environment is not valid: TIDEWATCH_BROKER: no such setting; the settings are TIDEWATCH_CONFIG_FILE, TIDEWATCH_KAFKA_BROKERS, TIDEWATCH_KAFKA_TLS, TIDEWATCH_KAFKA_CA_FILES, TIDEWATCH_KAFKA_CERTIFICATE_FILE, TIDEWATCH_KAFKA_KEY_FILE, ' +
          'TIDEWATCH_KAFKA_SASL_MECHANISM, TIDEWATCH_KAFKA_USERNAME, TIDEWATCH_KAFKA_PASSWORD_FILE, TIDEWATCH_PORT, TIDEWATCH_SESSION_TIMEOUT_MS, TIDEWATCH_OTHER_CHECKPOINTS, TIDEWATCH_INSTANCE_ID, TIDEWATCH_LOG_LEVEL; ' +
        'TIDEWATCH_CONFIG_FILE: is not set: name the JSON file with the resolved pipeline; TIDEWATCH_KAFKA_BROKERS: is not set: write host:port, several separated by commas; ' +
        'TIDEWATCH_PORT: Invalid input: expected number, received NaN',
    )
  })

  test('takes port 0 for a free one', () => {
    expect(readEnvironment(environment, { ...given, TIDEWATCH_PORT: '0' }).TIDEWATCH_PORT).toBe(0)
  })
})

describe('the configuration file', () => {
  test('is read as it was resolved', () => {
    expect(readConfigFile(file(JSON.stringify(aConfig())))).toEqual(aConfig())
  })

  test('that is not there is named', () => {
    const path = join(folder, 'absent.json')
    expect(() => readConfigFile(path)).toThrow(`The configuration file ${path} cannot be read: ENOENT: no such file or directory, open '${path}'`)
  })

  test('that is no JSON is named', () => {
    const path = file('kind: DetectionPipeline')
    expect(() => readConfigFile(path)).toThrow(`The configuration file ${path} is not JSON: `)
  })

  test('that is another thing says what is wrong with it', () => {
    const { topic: _, ...rest } = aConfig()
    const path = file(JSON.stringify({ ...rest, warmUp: 0 }))
    expect(() => readConfigFile(path)).toThrow(/^The configuration file .* is not a resolved pipeline: topic: .*; warmUp: /)
  })
})

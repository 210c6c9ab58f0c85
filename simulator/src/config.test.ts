import { readEnvironment } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { environmentSchema, parseSimulatorConfig, readSimulatorConfig } from './config.ts'
import { aConfig, aFault, withFaults } from './testing/config.ts'
import { readSampleFleets } from './testing/sample.ts'

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('parseSimulatorConfig', () => {
  test.each(['hvac', 'sensors-10k', 'smart-access', 'flow-features', 'flows-replay'])('takes the fleets of %s as they are resolved', (name) => {
    for (const fleet of readSampleFleets(name)) expect(parseSimulatorConfig(asJson(fleet))).toEqual(asJson(fleet))
  })

  test.each<[string, unknown, string]>([
    ['something else', 'text', "The fleet's configuration is not valid: Invalid input: expected object, received string"],
    ['a field it does not know', { ...aConfig(), intervall: 3 }, 'Unrecognized key: "intervall"'],
    ['a field of the wrong kind', { ...aConfig(), intervalMs: '1s' }, 'intervalMs: Invalid input: expected number, received string'],
    ['a fault without a length', aConfig(withFaults(aFault('spike', { durationMs: 0 }))), 'faults[0].durationMs: Too small'],
  ])('refuses %s', (_, value, message) => {
    expect(() => parseSimulatorConfig(asJson(value))).toThrow(message)
  })
})

describe('readSimulatorConfig', () => {
  test('says that there is no file', () => {
    expect(() => readSimulatorConfig('/nowhere/fleet.json')).toThrow('The configuration file /nowhere/fleet.json cannot be read: there is no such file')
  })
  test('says that the file is not JSON', () => {
    expect(() => readSimulatorConfig(new URL(import.meta.url).pathname)).toThrow(/The configuration file .*config\.test\.ts is not valid JSON: /)
  })
})

describe('the environment', () => {
  const needed = { TIDEWATCH_CONFIG_FILE: 'fleet.json', TIDEWATCH_KAFKA_BROKERS: 'kafka:9092' }
  test('has defaults', () => {
    expect(readEnvironment(environmentSchema, needed)).toEqual({ ...needed, TIDEWATCH_KAFKA_TLS: 'false', TIDEWATCH_SHARD: 0, TIDEWATCH_PORT: 8_080, TIDEWATCH_LOG_LEVEL: 'info' })
  })
  test('is refused with everything that is wrong', () => {
    expect(() => readEnvironment(environmentSchema, { TIDEWATCH_SHARD: 'x', TIDEWATCH_PROT: '1' })).toThrow(
      /TIDEWATCH_PROT: no such setting.*TIDEWATCH_CONFIG_FILE: is required: .*TIDEWATCH_KAFKA_BROKERS: is not set: .*TIDEWATCH_SHARD: /,
    )
  })
})

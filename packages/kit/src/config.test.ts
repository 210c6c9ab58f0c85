import { expect, test } from 'vitest'
import * as z from 'zod'
import { readEnvironment } from './config.ts'

const schema = z.object({
  TIDEWATCH_PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  TIDEWATCH_CONFIG_FILE: z.string({ error: 'is required: the path of the configuration file' }),
})

test('reads what is there and fills in defaults', () => {
  expect(readEnvironment(schema, { TIDEWATCH_CONFIG_FILE: '/etc/a.json', PATH: '/bin' })).toEqual({ TIDEWATCH_PORT: 8080, TIDEWATCH_CONFIG_FILE: '/etc/a.json' })
})

test('every problem is told at once, a misspelt name of ours among them', () => {
  expect(() => readEnvironment(schema, { TIDEWATCH_PORT: '99999', TIDEWATCH_CONFIGFILE: 'x' })).toThrow(
    'The environment is not valid: TIDEWATCH_CONFIGFILE: no such setting; the settings are TIDEWATCH_PORT, TIDEWATCH_CONFIG_FILE; ' +
      'TIDEWATCH_PORT: Too big: expected number to be <=65535; TIDEWATCH_CONFIG_FILE: is required: the path of the configuration file',
  )
})

test('the result is frozen', () => {
  expect(Object.isFrozen(readEnvironment(schema, { TIDEWATCH_CONFIG_FILE: 'a' }))).toBe(true)
})

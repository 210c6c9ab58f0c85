import { expect, test } from 'vitest'
import { readSettings } from './settings.ts'

test('what is not set has its default, what is not ours is left alone', () => {
  expect(readSettings({ PATH: '/bin' })).toEqual({ cacheDir: undefined, logLevel: 'info' })
  expect(readSettings({ TIDEWATCH_CACHE_DIR: '/c', TIDEWATCH_LOG_LEVEL: 'debug' })).toEqual({ cacheDir: '/c', logLevel: 'debug' })
})

test('every mistake is named at once', () => {
  expect(() => readSettings({ TIDEWATCH_LOG_LEVEL: 'loud', TIDEWATCH_CACHEDIR: '/c' })).toThrow(
    'TIDEWATCH_CACHEDIR: no such setting; the settings are TIDEWATCH_CACHE_DIR, TIDEWATCH_LOG_LEVEL; TIDEWATCH_LOG_LEVEL: must be trace, debug, info, warn, error or fatal',
  )
})

import { readEnvironment } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { environment } from './config.ts'

const least = { TIDEWATCH_NAMESPACE: 'tidewatch', TIDEWATCH_POD_NAME: 'operator-0', TIDEWATCH_DETECTOR_IMAGE: 'd:1', TIDEWATCH_SIMULATOR_IMAGE: 's:1' }

test('the least that must be set, and the defaults of the rest', () => {
  expect(readEnvironment(environment, least)).toEqual({
    ...least,
    TIDEWATCH_WATCH_NAMESPACES: [],
    TIDEWATCH_IMAGE_PULL_POLICY: 'IfNotPresent',
    TIDEWATCH_PORT: 8080,
    TIDEWATCH_LAG_METRICS_PORT: 8443,
    TIDEWATCH_SERVICE_NAME: 'tidewatch-operator',
    TIDEWATCH_NETWORK_POLICIES: true,
    TIDEWATCH_LEADER_ELECTION: true,
    TIDEWATCH_LOG_LEVEL: 'info',
  })
})

test('namespaces are a list', () => {
  expect(readEnvironment(environment, { ...least, TIDEWATCH_WATCH_NAMESPACES: 'a, b' }).TIDEWATCH_WATCH_NAMESPACES).toEqual(['a', 'b'])
})

test('what is missing is named', () => {
  expect(() => readEnvironment(environment, {})).toThrow('TIDEWATCH_DETECTOR_IMAGE: is not set: name the image of the detector')
})

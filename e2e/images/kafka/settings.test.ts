import { expect, test } from 'vitest'
import { buildFormatArguments, buildPodProperties, readSettings } from './settings.ts'

const settings = { host: 'kafka.stories.svc', externalAddress: '127.0.0.1:40000', dataDir: '/data', passwordByUser: { hvac: 'p' } }
const readLines = (text: string) => Object.fromEntries(text.trimEnd().split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))

test('pods are sent to the Service, the tests to their end of the port-forward', () => {
  expect(readLines(buildPodProperties(settings))).toMatchObject({
    listeners: 'PLAIN://0.0.0.0:9092,EXTERNAL://0.0.0.0:9094,SCRAM://0.0.0.0:9093,CONTROLLER://127.0.0.1:9099',
    'advertised.listeners': 'PLAIN://kafka.stories.svc:9092,EXTERNAL://127.0.0.1:40000,SCRAM://kafka.stories.svc:9093',
    'listener.security.protocol.map': 'PLAIN:PLAINTEXT,EXTERNAL:PLAINTEXT,SCRAM:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.quorum.voters': '1@127.0.0.1:9099',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'log.dirs': '/data',
  })
})

test('without users there is no listener that asks for them', () => {
  expect(readLines(buildPodProperties({ ...settings, passwordByUser: {} }))['listeners']).toBe('PLAIN://0.0.0.0:9092,EXTERNAL://0.0.0.0:9094,CONTROLLER://127.0.0.1:9099')
})

test('users are made when the storage is formatted', () => {
  expect(buildFormatArguments(settings, '/p')).toEqual(['format', '--cluster-id', 'tidewatch-stories-0001', '--ignore-formatted', '--config', '/p', '--add-scram', 'SCRAM-SHA-512=[name=hvac,password=p]'])
})

test('the environment is all the pod is told', () => {
  expect(readSettings({ KAFKA_HOST: 'kafka.stories.svc', KAFKA_EXTERNAL_ADDRESS: '127.0.0.1:40000', KAFKA_USERS: '{"hvac":"p"}' })).toEqual(settings)
  expect(() => readSettings({ KAFKA_HOST: 'k' })).toThrow('KAFKA_EXTERNAL_ADDRESS is not set: host:port at which the tests reach this pod')
})

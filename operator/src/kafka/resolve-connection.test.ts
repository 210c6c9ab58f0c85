import { expect, test } from 'vitest'
import { aKafkaCluster } from '../pipeline/testing/an-observed.ts'
import { resolveConnection } from './resolve-connection.ts'

const userName = 'hvac-detector'
const without = { hasStrimzi: false, cluster: undefined, userName }
const authority = { name: 'main-cluster-ca-cert', key: 'ca.crt' }

test('bootstrapServers alone is a plain connection', () => {
  expect(resolveConnection({ bootstrapServers: 'a:9092, b:9092' }, without)).toEqual({ ok: true, connection: { brokers: ['a:9092', 'b:9092'], tls: undefined, authentication: undefined }, user: undefined })
})

test('bootstrapServers with TLS and a password names the Secrets', () => {
  const passwordSecret = { name: 'kafka-login', key: 'password' }
  const ca = { name: 'ca', key: 'ca.crt' }
  expect(resolveConnection({ bootstrapServers: 'a:9093', tls: { trustedCertificates: [ca] }, authentication: { scramSha512: { username: 'u', passwordSecret } } }, without)).toEqual({
    ok: true,
    connection: { brokers: ['a:9093'], tls: { authorities: [ca] }, authentication: { kind: 'scramSha512', username: 'u', password: passwordSecret } },
    user: undefined,
  })
})

test.each([
  ['nothing is asked for: the plaintext listener', {}, 9092, undefined],
  ['TLS is asked for: the first TLS listener, with a user of its own', { tls: { trustedCertificates: [] } }, 9093, { name: userName, authentication: 'scram-sha-512', withAcls: true }],
  ['a client certificate is given: the listener for it, and no user', { authentication: { tls: { certificateSecret: { name: 'c', key: 'crt' }, keySecret: { name: 'c', key: 'key' } } } }, 9094, undefined],
])('clusterRef, %s', (_, more, port, user) => {
  const result = resolveConnection({ clusterRef: { name: 'main' }, ...more }, { hasStrimzi: true, cluster: aKafkaCluster(), userName })
  expect(result).toMatchObject({ ok: true, connection: { brokers: [`main-kafka-bootstrap.plant.svc:${port}`] }, user })
})

test('a user that Strimzi makes logs in with the Secret of its name, and the cluster\'s authority is trusted', () => {
  const scram = resolveConnection({ clusterRef: { name: 'main' } }, { hasStrimzi: true, cluster: aKafkaCluster({ listeners: ['scram'], authorization: 'none' }), userName })
  expect(scram).toEqual({
    ok: true,
    connection: { brokers: ['main-kafka-bootstrap.plant.svc:9093'], tls: { authorities: [authority] }, authentication: { kind: 'scramSha512', username: userName, password: { name: userName, key: 'password' } } },
    user: { name: userName, authentication: 'scram-sha-512', withAcls: false },
  })
  const mtls = resolveConnection({ clusterRef: { name: 'main' } }, { hasStrimzi: true, cluster: aKafkaCluster({ listeners: ['mtls'] }), userName })
  expect(mtls).toMatchObject({ connection: { authentication: { kind: 'tls', certificate: { name: userName, key: 'user.crt' }, key: { name: userName, key: 'user.key' } } } })
})

test.each([
  ['Strimzi is not installed', { hasStrimzi: false, cluster: undefined }, {}, 'StrimziMissing', 'spec.kafka.clusterRef names the Strimzi cluster main, and this cluster does not serve kafka.strimzi.io: install Strimzi, or write spec.kafka.bootstrapServers instead'],
  ['there is no such cluster', { hasStrimzi: true, cluster: undefined }, {}, 'KafkaClusterMissing', 'There is no Kafka resource main in this namespace: create it, or correct spec.kafka.clusterRef.name'],
  ['the cluster is not up yet', { hasStrimzi: true, cluster: aKafkaCluster({ reported: false }) }, {}, 'KafkaClusterNotReady', 'The Kafka resource main has not reported any listener yet: look at its status; this goes on by itself when it is ready'],
  [
    'no listener fits',
    { hasStrimzi: true, cluster: aKafkaCluster({ listeners: ['plain', 'mtls'] }) },
    { tls: { trustedCertificates: [] }, authentication: { scramSha512: { username: 'u', passwordSecret: { name: 's', key: 'k' } } } },
    'ListenerMissing',
    'No listener of the Kafka resource main fits spec.kafka (TLS, authentication scramSha512); it offers plain (plaintext, authentication none), mtls (TLS, authentication tls): add a listener, or change spec.kafka.tls or spec.kafka.authentication',
  ],
])('%s', (_, surroundings, more, reason, message) => {
  expect(resolveConnection({ clusterRef: { name: 'main' }, ...more }, { ...surroundings, userName })).toEqual({ ok: false, obstacle: { reason, message } })
})

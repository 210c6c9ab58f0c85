import { expect, test } from 'vitest'
import { aKafkaCluster } from '../pipeline/testing/an-observed.ts'
import { checkCredentials, checkTopics, checkUser, judgeUsers, type Access } from './check-access.ts'
import { resolveConnection } from './resolve-connection.ts'

const missing = { reason: 'SecretMissing', message: 'There is no Secret hvac-detector' } as const
const aUser = (status: string, more: object = {}) => ({ apiVersion: 'kafka.strimzi.io/v1', kind: 'KafkaUser', metadata: { name: 'hvac-detector' }, status: { conditions: [{ type: 'Ready', status, ...more }] } })
const none = { hasStrimzi: false, cluster: undefined, userName: 'hvac-detector' }
const strimzi = resolveConnection({ clusterRef: { name: 'main' }, tls: { trustedCertificates: [] } }, { hasStrimzi: true, cluster: aKafkaCluster(), userName: 'hvac-detector' })
const open = resolveConnection({ bootstrapServers: 'kafka:9092' }, none)
const withPassword = resolveConnection({ bootstrapServers: 'kafka:9092', authentication: { plain: { username: 'hvac', passwordSecret: { name: 'login', key: 'password' } } } }, none)
const unknown = resolveConnection({ clusterRef: { name: 'main' } }, none)

const waiting = "User hvac-detector is waiting for Strimzi's User Operator: if this lasts, look whether the Kafka resource has an entityOperator with a userOperator"

test.each<[string, Access, string, string, string]>([
  ['Kafka is not known', { connection: unknown, credentials: undefined, kafkaUser: undefined }, 'Unknown', 'NotReportedYet', 'How to log in is not known yet'],
  ['no login is needed', { connection: open, credentials: undefined, kafkaUser: undefined }, 'True', 'NotNeeded', 'Kafka asks for no login'],
  ['every Secret is there', { connection: withPassword, credentials: undefined, kafkaUser: undefined }, 'True', 'Succeeded', 'Every Secret that is named is there'],
  ['a Secret is missing', { connection: withPassword, credentials: missing, kafkaUser: undefined }, 'False', 'SecretMissing', missing.message],
  ['the user was not made yet', { connection: strimzi, credentials: missing, kafkaUser: undefined }, 'False', 'Pending', waiting],
  ['Strimzi has not looked yet', { connection: strimzi, credentials: missing, kafkaUser: aUser('Unknown') }, 'False', 'Pending', waiting],
  ['Strimzi refuses', { connection: strimzi, credentials: missing, kafkaUser: aUser('False', { reason: 'Quota' }) }, 'False', 'UserNotReady', "Strimzi's User Operator refuses user hvac-detector: Quota"],
  ['the user is there, its Secret is not', { connection: strimzi, credentials: missing, kafkaUser: aUser('True') }, 'False', 'SecretMissing', missing.message],
  ['user and Secret are there', { connection: strimzi, credentials: undefined, kafkaUser: aUser('True') }, 'True', 'Succeeded', 'The Kafka user and its Secret are there'],
])('UsersReady where %s', (_, access, status, reason, message) => {
  expect(judgeUsers(access)).toEqual({ status, reason, message })
})

test('the Secret of a user that Strimzi has yet to make is no trouble', () => {
  const reasonWith = (kafkaUser: Access['kafkaUser']) => checkCredentials({ connection: strimzi, credentials: missing, kafkaUser })?.reason
  expect([reasonWith(undefined), reasonWith(aUser('Unknown')), reasonWith(aUser('True'))]).toEqual([undefined, undefined, 'SecretMissing'])
  expect(checkUser({ connection: strimzi, kafkaUser: undefined })).toBeUndefined()
})

test.each([['True', 'Succeeded', undefined], ['False', 'Pending', undefined], ['Unknown', 'NotReportedYet', undefined], ['False', 'TopicMissing', 'TopicMissing'], ['Unknown', 'KafkaUnreachable', 'KafkaUnreachable']] as const)('topics that are %s with %s: trouble %s', (status, reason, trouble) => {
  expect(checkTopics({ type: 'TopicsReady', status, reason, message: 'm' })?.reason).toBe(trouble)
})

import type { ConditionDraft } from '@tidewatch/api'
import { AppError } from '@tidewatch/kit'
import type { Kube, KubeObject } from '@tidewatch/kube'
import { isTrue, judge, readCondition, type Judgement } from '../shared/conditions.ts'
import type { ResolvedConnection } from './connection.ts'
import { unreadableReason } from './decide-topics.ts'
import { readCredentials } from './read-secrets.ts'
import type { ConnectionResult, Obstacle } from './resolve-connection.ts'

/** What pipelines and fleets know alike of the way into Kafka. */
export interface Access {
  connection: ConnectionResult
  /** A Secret that is missing; undefined where all are there, or none is needed. */
  credentials: Obstacle | undefined
  kafkaUser: KubeObject | undefined
}

/** The first Secret or key that a connection needs and that is not there. @throws the errors of packages/kube */
export async function findMissingSecret(kube: Kube, namespace: string, connection: ResolvedConnection): Promise<Obstacle | undefined> {
  try {
    await readCredentials(kube, namespace, connection)
    return undefined
  } catch (error) {
    // Anything but a missing Secret or key is the API server's trouble, and the controller tries again by itself.
    if (!(error instanceof AppError) || !error.code.startsWith('SECRET_')) throw error
    return { reason: unreadableReason(error.code), message: error.message }
  }
}

/** Strimzi, its Kafka resource, or a fitting listener is missing. */
export function checkConnection({ connection }: Pick<Access, 'connection'>): Obstacle | undefined {
  return connection.ok ? undefined : connection.obstacle
}

/** Strimzi refuses the KafkaUser. */
export function checkUser({ connection, kafkaUser }: Pick<Access, 'connection' | 'kafkaUser'>): Obstacle | undefined {
  if (!connection.ok || connection.user === undefined || kafkaUser === undefined) return undefined
  const ready = readCondition(kafkaUser, 'Ready')
  if (ready?.status !== 'False') return undefined
  return { reason: 'UserNotReady', message: `Strimzi's User Operator refuses user ${connection.user.name}: ${ready.message ?? ready.reason ?? 'it gives no reason'}` }
}

/** A Secret that somebody has to bring. That of a KafkaUser comes when Strimzi has seen it; until then it is only pending. */
export function checkCredentials({ connection, credentials, kafkaUser }: Access): Obstacle | undefined {
  const isPending = connection.ok && connection.user !== undefined && !isTrue(readCondition(kafkaUser, 'Ready'))
  return isPending ? undefined : credentials
}

/** A topic that is missing, too small or refused; one that is on its way, or was not looked at yet, is none. */
export function checkTopics(topics: ConditionDraft): Obstacle | undefined {
  if (topics.status === 'True' || topics.reason === 'Pending' || topics.reason === 'NotReportedYet') return undefined
  return { reason: topics.reason, message: topics.message }
}

/** The condition UsersReady. */
export function judgeUsers(access: Access): Judgement {
  const { connection, credentials, kafkaUser } = access
  if (!connection.ok) return judge.unknown('NotReportedYet', 'How to log in is not known yet')
  const { user } = connection
  const refused = checkUser(access)
  if (refused !== undefined) return judge.no(refused.reason, refused.message)
  if (user !== undefined && !isTrue(readCondition(kafkaUser, 'Ready'))) {
    return judge.no('Pending', `User ${user.name} is waiting for Strimzi's User Operator: if this lasts, look whether the Kafka resource has an entityOperator with a userOperator`)
  }
  if (credentials !== undefined) return judge.no(credentials.reason, credentials.message)
  if (connection.connection.authentication === undefined) return judge.yes('NotNeeded', 'Kafka asks for no login')
  return judge.yes('Succeeded', user === undefined ? 'Every Secret that is named is there' : 'The Kafka user and its Secret are there')
}

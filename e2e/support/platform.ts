import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { KubeObject } from '@tidewatch/kube'
import { afterAll, beforeAll, inject } from 'vitest'
import { parseAuditLog, type AuditEvent } from './audit-log.ts'
import { buildNamespace } from './kafka-objects.ts'
import type { KafkaAddresses } from './kafka-pod.ts'
import { Kubectl } from './kubectl.ts'
import { useTurn } from './turns.ts'

/** What the stories share; plain data, made once by global-cluster.ts. */
export interface Platform {
  kubeconfig: string
  kubectl: string
  helm: string
  /** Where the operator runs, and the name of its Helm release, Deployment and service account. */
  operatorNamespace: string
  releaseName: string
  kafka: KafkaAddresses
  /** Image of a Kafka pod, for stories that need a Kafka of their own. */
  kafkaImage: string
  /** The API server's audit log; null on a cluster that we did not start. */
  auditLog: string | null
  /** Whether the stories that take minutes are told too (`make e2e-long`). */
  tellsLongStories: boolean
}

declare module 'vitest' {
  interface ProvidedContext {
    platform: Platform
  }
}

/** The user of SCRAM on the stories' Kafka; the password is of no value elsewhere. */
export const scramUser = { name: 'scram-user', password: 'wave-and-tide-4711' } as const

/** What a story works with. Called at the top of its file, before any hook of its own. */
export function usePlatform(): Platform & { cluster: Kubectl; operatorUser: string } {
  useTurn()
  return describePlatform()
}

function describePlatform() {
  const platform = inject('platform')
  return {
    ...platform,
    cluster: new Kubectl(platform.kubectl, platform.kubeconfig),
    operatorUser: `system:serviceaccount:${platform.operatorNamespace}:${platform.releaseName}`,
  }
}

/**
 * A namespace for the stories of one file, with Pod Security at `restricted`; it goes with all that is in it, while other stories
 * are told already. Before the operator is removed global-cluster.ts waits for the last of them.
 */
export function useNamespace(title: string): string {
  const { cluster } = describePlatform()
  const namespace = `${title}-${randomBytes(3).toString('hex')}`
  beforeAll(async () => void (await cluster.apply([buildNamespace(namespace)])))
  afterAll(async () => void (await cluster.run(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false'])))
  return namespace
}

/** A topic's or a user's name that no other story uses: all share one Kafka. */
export const uniqueName = (title: string): string => `${title}-${randomBytes(3).toString('hex')}`

/** The audit log as it is now; empty where there is none. */
export function readAuditLog(file: string | null): AuditEvent[] {
  return file === null || !existsSync(file) ? [] : parseAuditLog(readFileSync(file, 'utf8'))
}

export interface Condition {
  type: string
  status: string
  reason: string
  message: string
  observedGeneration?: number
}

/** A condition of an object's status. */
export function conditionOf(object: KubeObject | undefined, type: string): Condition | undefined {
  const { conditions = [] } = (object?.status ?? {}) as { conditions?: Condition[] }
  return conditions.find((one) => one.type === type)
}

/** An event as `kubectl describe` shows it. */
export interface StoryEvent {
  type: string
  reason: string
  note: string
}

/** What was told of an object. */
export async function readEvents(cluster: Kubectl, namespace: string, kind: string, name: string): Promise<StoryEvent[]> {
  const events = await cluster.list<KubeObject & { regarding?: { kind?: string; name?: string }; type?: string; reason?: string; note?: string }>('events.events.k8s.io', namespace)
  return events.filter(({ regarding }) => regarding?.kind === kind && regarding.name === name).map(({ type = '', reason = '', note = '' }) => ({ type, reason, note }))
}

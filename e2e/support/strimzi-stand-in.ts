import { createController } from '@tidewatch/controller'
import { createRegistry, systemClock, type Clock, type Logger } from '@tidewatch/kit'
import type { TopicAdmin } from '@tidewatch/kafka'
import { atVersion, createInformer, keyOf, resources, type Informer, type Kube } from '@tidewatch/kube'
import { createTopicReconcile } from './strimzi/topic-operator.ts'
import { createUserReconcile, type KafkaLogin } from './strimzi/user-operator.ts'

export { applyStrimziKafka, aStrimziKafka, type StrimziKafkaOptions, type StrimziListener } from './strimzi/kafka.ts'
export type { KafkaLogin } from './strimzi/user-operator.ts'

export interface StrimziStandInOptions {
  kube: Kube
  /** Of the Kafka cluster that stands behind the Kafka resource; closed by whoever made it. */
  admin: TopicAdmin
  namespace: string
  /** Name of the Kafka resource. */
  cluster: string
  /** Of kafka.strimzi.io, one that is served. */
  version: string
  /** Tells Kafka of a user; called again and again with the same one. Default: nothing is told. */
  setUser?: (login: KafkaLogin) => Promise<void>
  removeUser?: (username: string) => Promise<void>
  clock?: Clock
  log: Logger
}

export interface StrimziStandIn {
  /** Ends as an Entity Operator that is scaled away: what it was to finalize stays. */
  stop(): Promise<void>
}

/** As often as Strimzi looks at everything. */
const resyncEveryMs = 120_000

/**
 * Stands in for Strimzi's Topic and User Operators, whose images cannot be had everywhere: by their documented contract, with
 * their reasons and messages, for one Kafka resource.
 */
export function startStrimziStandIn(options: StrimziStandInOptions): StrimziStandIn {
  const { kube, admin, namespace, cluster, version, clock = systemClock, log } = options
  const stop = new AbortController()
  // Without this label Strimzi sees neither topics nor users.
  const labelSelector = `strimzi.io/cluster=${cluster}`
  const topicResource = atVersion(resources.kafkaTopics, version)
  const userResource = atVersion(resources.kafkaUsers, version)
  const topics = createInformer({ kube, resource: topicResource, namespace, labelSelector, clock, log })
  const users = createInformer({ kube, resource: userResource, namespace, labelSelector, clock, log })
  const supportsAcls = async () => {
    const kafka = await kube.read(atVersion(resources.kafkas, version), { namespace, name: cluster })
    return (kafka?.spec as { kafka?: { authorization?: { type?: string } } } | undefined)?.kafka?.authorization?.type === 'simple'
  }
  const registry = createRegistry()
  const run = (name: string, informer: Informer, reconcile: Parameters<typeof createController>[0]['reconcile']): Promise<unknown> => {
    // One worker, as Strimzi's topic queue: of two KafkaTopics for one topic the older one comes first.
    const controller = createController({ name, reconcile, workers: 1, clock, log, registry, resyncEveryMs, listKeys: () => informer.store.list().map(({ metadata }) => keyOf(metadata)) })
    informer.onChange(({ object, previous }) => {
      const changed = object ?? previous
      if (changed !== undefined) controller.enqueue(keyOf(changed.metadata))
    })
    return Promise.all([informer.run(stop.signal), controller.run(stop.signal)])
  }
  const nothing = async () => {}
  const running = Promise.all([
    run('kafkatopic', topics, createTopicReconcile({ kube, admin, resource: topicResource, store: topics.store, clock })),
    run('kafkauser', users, createUserReconcile({ kube, resource: userResource, store: users.store, clock, supportsAcls, setUser: options.setUser ?? nothing, removeUser: options.removeUser ?? nothing })),
  ])
  return {
    stop: async () => {
      stop.abort()
      await running
    },
  }
}

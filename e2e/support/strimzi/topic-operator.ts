import { createHash } from 'node:crypto'
import { messageOf, type Clock } from '@tidewatch/kit'
import type { TopicAdmin } from '@tidewatch/kafka'
import { parseKey, keyOf, type Kube, type KubeObject, type ReadonlyStore, type Resource } from '@tidewatch/kube'
import { decideTopic, findTopicConflict, topicNameOf } from './decide-topic.ts'
import { notReady, ready, statusOf, writeStrimziStatus, type StrimziCondition } from './status.ts'

export const topicFinalizer = 'strimzi.io/topic-operator'

interface TopicOperatorPorts {
  kube: Kube
  admin: TopicAdmin
  resource: Resource
  store: ReadonlyStore
  clock: Clock
}

/** The reconcile of one KafkaTopic. The annotations `strimzi.io/managed` and `pause-reconciliation` are not looked at. */
export function createTopicReconcile({ kube, admin, resource, store, clock }: TopicOperatorPorts): (key: string) => Promise<Record<string, never>> {
  return async (key) => {
    const topic = store.get(keyOf(parseKey(key)))
    if (topic === undefined || topic.spec === undefined) return {}
    const conflict = findTopicConflict(topic, store.list())
    if (conflict !== undefined) {
      await tell(topic, conflict)
    } else if (topic.metadata.deletionTimestamp !== undefined) {
      await end(topic)
    } else if (topic.metadata.finalizers?.includes(topicFinalizer) !== true) {
      // The change that this makes brings us here again.
      await kube.update(resource, withFinalizers(topic, [...(topic.metadata.finalizers ?? []), topicFinalizer]))
    } else {
      await tell(topic, await bringAbout(topic))
    }
    return {}
  }

  async function bringAbout(topic: KubeObject): Promise<StrimziCondition> {
    const name = topicNameOf(topic)
    try {
      const { create, raise, configure, refusal } = decideTopic(topic, await admin.readTopic(name))
      if (create !== undefined) await admin.ensureTopics([create])
      if (Object.keys(configure).length > 0) await admin.configureTopic(name, configure)
      if (raise !== undefined) await admin.ensureTopics([raise])
      return refusal ?? ready
    } catch (error) {
      return notReady('KafkaError', messageOf(error))
    }
  }

  async function end(topic: KubeObject): Promise<void> {
    const { finalizers = [] } = topic.metadata
    if (!finalizers.includes(topicFinalizer)) return
    await admin.deleteTopics([topicNameOf(topic)])
    await kube.update(resource, withFinalizers(topic, finalizers.filter((one) => one !== topicFinalizer)))
  }

  function tell(topic: KubeObject, condition: StrimziCondition): Promise<void> {
    const { topicName = topicNameOf(topic), topicId = condition.status === 'True' ? makeTopicId(topic) : undefined } = statusOf(topic)
    const status = { conditions: [condition], topicName, ...(topicId === undefined ? {} : { topicId }) }
    return writeStrimziStatus({ kube, resource, object: topic, status, fieldManager: 'strimzi-topic-operator', nowMs: clock.now() })
  }
}

const withFinalizers = (topic: KubeObject, finalizers: string[]): KubeObject => ({ ...topic, metadata: { ...topic.metadata, finalizers } })

/** Kafka's form of an id, but not Kafka's own: `TopicAdmin` does not tell that. */
const makeTopicId = ({ metadata }: KubeObject): string => createHash('sha256').update(metadata.uid ?? '').digest().subarray(0, 16).toString('base64url')

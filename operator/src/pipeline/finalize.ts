import { groupIdOf } from '@tidewatch/api'
import { hasFinalizer, writeStatus, type ReconcileResult } from '@tidewatch/controller'
import { messageOf } from '@tidewatch/kit'
import { NotFound, resources, WriteConflict, type KubeObject } from '@tidewatch/kube'
import { kafkaPatienceMs } from '../kafka/deletion-patience.ts'
import type { EventSink } from '../shared/event-sink.ts'
import { fieldManager, statusFieldManager } from '../shared/forced-fields.ts'
import { buildRoot, cleanupFinalizer, readClaims } from './desired/root.ts'
import { buildGivenUpEvent } from './events.ts'
import type { PipelinePorts } from './observe.ts'
import type { Observed } from './observed.ts'
import { computeDeletingStatus } from './status.ts'
import { listTopics } from './topics.ts'

/** A deletion waits no longer for pods. */
const patienceMs = 30_000
const lookAgainMs = 1_000

/**
 * Ends a pipeline: what garbage collection cannot do. Always ends: 10 s after the deletion was asked for
 * where Kafka is gone, 30 s where pods or the group stay; then one question to Kafka.
 *
 *     deletion asked -> Deployment deleted -> pods gone -> group and claimed topics deleted in Kafka -> finalizer off -> garbage collection
 */
export async function finalizePipeline(ports: PipelinePorts & { events: EventSink }, observed: Observed): Promise<ReconcileResult> {
  const { kube, clock, events, topics } = ports
  const { object, owner, pipeline, connection, credentials, owned, pods } = observed
  if (!hasFinalizer(object, cleanupFinalizer)) return {}
  const deletedAtMs = Date.parse(object.metadata.deletionTimestamp ?? '')
  const deadlineMs = deletedAtMs + patienceMs
  const isLate = !(clock.now() < deadlineMs)
  const groupId = groupIdOf(owner.name, owner.namespace)
  const claims = readClaims(object)
  const doomed = listTopics(pipeline).filter(({ name, deletionPolicy }) => deletionPolicy === 'Delete' && Object.hasOwn(claims, name)).map(({ name }) => name)
  const letGo = async (why?: string): Promise<ReconcileResult> => {
    if (why !== undefined) events.publish(object, buildGivenUpEvent(groupId, doomed, why))
    await removeFinalizer(ports, object)
    return {}
  }

  // A group with members cannot be deleted, and an autoscaler would only complain.
  const workers = owned.filter(({ resource: { kind } }) => kind === 'Deployment' || kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject')
  for (const { resource, object: { metadata } } of workers) {
    if (metadata.deletionTimestamp === undefined) await kube.delete(resource, { namespace: owner.namespace, name: metadata.name }, { uid: metadata.uid })
  }
  if (!connection.ok) return letGo(connection.obstacle.message)
  if (credentials !== undefined) return letGo(credentials.message)
  if (pods.length > 0 && !isLate) return wait(ports, object, 'Waiting for the detectors to end')
  try {
    await topics.remove({ namespace: owner.namespace, connection: connection.connection }, { topics: doomed, groups: [groupId] })
  } catch (error) {
    if (clock.now() < deletedAtMs + kafkaPatienceMs(error)) return wait(ports, object, 'Waiting for Kafka to delete the consumer group')
    return letGo(`Kafka did not do it in time (${messageOf(error)})`)
  }
  return letGo()
}

async function wait({ kube, clock }: PipelinePorts, live: KubeObject, message: string): Promise<ReconcileResult> {
  const status = computeDeletingStatus(live, message, clock.now())
  await writeStatus({ kube, resource: resources.detectionPipelines, live, status, fieldManager: statusFieldManager })
  return { requeueAfterMs: lookAgainMs }
}

/** Lets the object go; one that is gone already is no error. */
export async function removeFinalizer({ kube }: Pick<PipelinePorts, 'kube'>, object: KubeObject): Promise<void> {
  try {
    await kube.apply(resources.detectionPipelines, buildRoot(object, readClaims(object), { withFinalizer: false }), { fieldManager })
  } catch (error) {
    if (!(error instanceof NotFound) && !(error instanceof WriteConflict)) throw error
  }
}

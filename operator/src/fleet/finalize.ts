import { hasFinalizer, writeStatus, type ReconcileResult } from '@tidewatch/controller'
import { messageOf } from '@tidewatch/kit'
import { NotFound, resources, WriteConflict, type KubeObject } from '@tidewatch/kube'
import { kafkaPatienceMs } from '../kafka/deletion-patience.ts'
import { buildRoot, cleanupFinalizer, readClaims } from '../pipeline/desired/root.ts'
import type { EventSink } from '../shared/event-sink.ts'
import { fieldManager, statusFieldManager } from '../shared/forced-fields.ts'
import { buildGivenUpEvent } from './events.ts'
import type { FleetPorts } from './observe.ts'
import type { ObservedFleet } from './observed.ts'
import { needsCleanup } from './plan.ts'
import { computeDeletingStatus } from './status.ts'

/** A deletion waits no longer for pods. */
const patienceMs = 30_000
const lookAgainMs = 1_000

/** Ends a fleet that made its topic and takes it with it; the rest is garbage collection's. Always ends, as a pipeline's does. */
export async function finalizeFleet(ports: FleetPorts & { events: EventSink }, observed: ObservedFleet): Promise<ReconcileResult> {
  const { kube, clock, events, topics } = ports
  const { object, owner, fleet, connection, credentials, jobs, pods } = observed
  if (!hasFinalizer(object, cleanupFinalizer)) return {}
  const deletedAtMs = Date.parse(object.metadata.deletionTimestamp ?? '')
  const deadlineMs = deletedAtMs + patienceMs
  const doomed = needsCleanup(observed) ? [fleet.spec.topic.name] : []
  const letGo = async (why?: string): Promise<ReconcileResult> => {
    if (why !== undefined && doomed.length > 0) events.publish(object, buildGivenUpEvent(doomed, why))
    await removeFinalizer(ports, object)
    return {}
  }

  // Simulators would have the brokers make the topic again.
  for (const { metadata } of jobs) {
    if (metadata.deletionTimestamp === undefined) await kube.delete(resources.jobs, { namespace: owner.namespace, name: metadata.name }, { uid: metadata.uid })
  }
  if (doomed.length === 0) return letGo()
  if (!connection.ok) return letGo(connection.obstacle.message)
  if (credentials !== undefined) return letGo(credentials.message)
  if (pods.length > 0 && clock.now() < deadlineMs) return wait(ports, object, 'Waiting for the simulators to end')
  try {
    await topics.remove({ namespace: owner.namespace, connection: connection.connection }, { topics: doomed, groups: [] })
  } catch (error) {
    if (clock.now() < deletedAtMs + kafkaPatienceMs(error)) return wait(ports, object, 'Waiting for Kafka to delete the topic')
    return letGo(`Kafka did not do it in time (${messageOf(error)})`)
  }
  return letGo()
}

async function wait({ kube, clock }: FleetPorts, live: KubeObject, message: string): Promise<ReconcileResult> {
  const status = computeDeletingStatus(live, message, clock.now())
  await writeStatus({ kube, resource: resources.deviceFleets, live, status, fieldManager: statusFieldManager })
  return { requeueAfterMs: lookAgainMs }
}

/** Lets the object go; one that is gone already is no error. */
export async function removeFinalizer({ kube }: Pick<FleetPorts, 'kube'>, object: KubeObject): Promise<void> {
  try {
    await kube.apply(resources.deviceFleets, buildRoot(object, readClaims(object), { withFinalizer: false }), { fieldManager })
  } catch (error) {
    if (!(error instanceof NotFound) && !(error instanceof WriteConflict)) throw error
  }
}

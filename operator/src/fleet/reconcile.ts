import { hasFinalizer, writeStatus, type Reconcile, type ReconcileResult } from '@tidewatch/controller'
import { resources, type KubeObject } from '@tidewatch/kube'
import { cleanupFinalizer } from '../pipeline/desired/root.ts'
import { buildTopicEvent } from '../pipeline/events.ts'
import type { EventSink } from '../shared/event-sink.ts'
import { statusFieldManager } from '../shared/forced-fields.ts'
import { applyPlan } from './apply-plan.ts'
import { buildConditionEvents } from './events.ts'
import { finalizeFleet, removeFinalizer } from './finalize.ts'
import { observeFleet, readJobs, type FleetPorts } from './observe.ts'
import type { ObservedFleet } from './observed.ts'
import { planFleet } from './plan.ts'
import { computeInvalidStatus, computeLeftAloneStatus, computeStatus, type FleetStatus } from './status.ts'

export type FleetReconcilePorts = FleetPorts & { events: EventSink }

/** The reconcile of one fleet: observe, decide, do, tell. Level-based: it may be called at any time, and ended at any point. */
export function createFleetReconcile(ports: FleetReconcilePorts): Reconcile {
  return async (key) => {
    const observation = await observeFleet(ports, key)
    if (observation.kind === 'Gone') return {}
    const { object } = observation
    if (object.metadata.deletionTimestamp !== undefined) {
      if (observation.kind === 'Observed') return finalizeFleet(ports, observation)
      if (hasFinalizer(object, cleanupFinalizer)) await removeFinalizer(ports, object)
      return {}
    }
    if (observation.kind === 'Invalid') return tell(ports, object, computeInvalidStatus(observation, ports.clock.now()))
    if (observation.isLeftAlone) return tell(ports, object, computeLeftAloneStatus(observation, ports.clock.now()))
    return reconcileObserved(ports, observation)
  }
}

async function reconcileObserved(ports: FleetReconcilePorts, cached: ObservedFleet): Promise<ReconcileResult> {
  const observed = makesJob(cached) ? { ...cached, ...(await readJobs(ports, cached)) } : cached
  const plan = planFleet(observed)
  const outcome = await applyPlan(ports, observed, plan)
  for (const action of outcome.done) ports.events.publish(observed.object, buildTopicEvent(action))
  await tell(ports, observed.object, computeStatus(observed, plan, outcome, ports.clock.now()))
  return { requeueAfterMs: plan.requeueAfterMs }
}

/** True where a Job would be made that the cache does not know. */
function makesJob(observed: ObservedFleet): boolean {
  const { job } = planFleet(observed)
  return job?.apply !== undefined && job.current === undefined
}

/** Writes the status where it differs, and then says what is new in it. */
async function tell({ kube, events }: FleetReconcilePorts, live: KubeObject, status: FleetStatus): Promise<ReconcileResult> {
  await writeStatus({ kube, resource: resources.deviceFleets, live, status, fieldManager: statusFieldManager })
  for (const event of buildConditionEvents((live.status as FleetStatus | undefined)?.conditions, status.conditions)) events.publish(live, event)
  return {}
}

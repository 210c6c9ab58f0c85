import { hasFinalizer, writeStatus, type Reconcile, type ReconcileResult } from '@tidewatch/controller'
import { resources, type KubeObject } from '@tidewatch/kube'
import type { EventSink } from '../shared/event-sink.ts'
import { statusFieldManager } from '../shared/forced-fields.ts'
import { applyPlan } from './apply-plan.ts'
import { cleanupFinalizer } from './desired/root.ts'
import { buildConditionEvents, buildTopicEvent } from './events.ts'
import { finalizePipeline, removeFinalizer } from './finalize.ts'
import { observePipeline, type PipelinePorts } from './observe.ts'
import type { Observed } from './observed.ts'
import { planPipeline } from './plan.ts'
import { computeInvalidStatus, computeLeftAloneStatus, computeStatus, type PipelineStatus } from './status.ts'

export type PipelineReconcilePorts = PipelinePorts & { events: EventSink }

/** The reconcile of one pipeline: observe, decide, do, tell. Level-based: it may be called at any time, and ended at any point. */
export function createPipelineReconcile(ports: PipelineReconcilePorts): Reconcile {
  return async (key) => {
    const observation = await observePipeline(ports, key)
    if (observation.kind === 'Gone') return {}
    const { object } = observation
    if (object.metadata.deletionTimestamp !== undefined) {
      if (observation.kind === 'Observed') return finalizePipeline(ports, observation)
      if (hasFinalizer(object, cleanupFinalizer)) await removeFinalizer(ports, object)
      return {}
    }
    if (observation.kind === 'Invalid') return tell(ports, object, computeInvalidStatus(observation, ports.clock.now()))
    if (observation.isLeftAlone) return tell(ports, object, computeLeftAloneStatus(observation, ports.clock.now()))
    return reconcileObserved(ports, observation)
  }
}

async function reconcileObserved(ports: PipelineReconcilePorts, observed: Observed): Promise<ReconcileResult> {
  const { object } = observed
  const plan = planPipeline(observed)
  const outcome = await applyPlan(ports, observed, plan)
  for (const action of outcome.done) ports.events.publish(object, buildTopicEvent(action))
  await tell(ports, object, computeStatus(observed, plan, outcome, ports.clock.now()))
  // What was refused is told in the status and tried again at the next look: nobody watches a quota.
  return { requeueAfterMs: plan.requeueAfterMs }
}

/** Writes the status where it differs, and then says what is new in it. */
async function tell({ kube, events }: PipelineReconcilePorts, live: KubeObject, status: PipelineStatus): Promise<ReconcileResult> {
  await writeStatus({ kube, resource: resources.detectionPipelines, live, status, fieldManager: statusFieldManager })
  for (const event of buildConditionEvents((live.status as PipelineStatus | undefined)?.conditions, status.conditions)) events.publish(live, event)
  return {}
}

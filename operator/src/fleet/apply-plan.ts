import { applyAll, type ApplyOutcome } from '@tidewatch/controller'
import { AppError, messageOf } from '@tidewatch/kit'
import type { KubeObject } from '@tidewatch/kube'
import type { TopicAction } from '../kafka/decide-topics.ts'
import { explainKafkaError } from '../kafka/explain.ts'
import { findStranger } from '../shared/find-stranger.ts'
import { fieldManager, forcedFields } from '../shared/forced-fields.ts'
import { findFailedWrite } from '../shared/outcomes.ts'
import type { FleetPorts } from './observe.ts'
import type { ObservedFleet } from './observed.ts'
import type { FleetPlan } from './plan.ts'
import type { FleetOutcome } from './status.ts'

/** Does what was planned, in an order in which it can end anywhere and be taken up again. */
export async function applyPlan(ports: FleetPorts, observed: ObservedFleet, plan: FleetPlan): Promise<FleetOutcome & { done: TopicAction[] }> {
  const { kube, cache } = ports
  const nothing = { failedWrite: undefined, failedTopics: undefined, done: [] }
  if (plan.blocker !== undefined) return nothing
  const { owner } = observed
  const stranger = await findStranger({ kube, cache, owner, component: 'simulator', desired: plan.apply })
  if (stranger !== undefined) return { ...nothing, failedWrite: stranger }

  // What we claim of Kafka is written before we make it: ended in between, we know of it the next time.
  if (plan.root !== undefined) await kube.apply(plan.root.resource, plan.root.object, { fieldManager })
  const topics = await runTopicActions(ports, observed, plan.actions)
  const live = cache.find.bind(cache)
  // The Job before goes first: while one of the two is there, the other is not made.
  const removed = await applyAll({ kube, fieldManager, desired: [], live, remove: plan.remove.map(({ resource, object }) => ({ resource, name: nameOf(object), uid: object.metadata.uid })) })
  const applied: ApplyOutcome[] = await applyAll({ kube, fieldManager, desired: plan.apply, live, forced: forcedFields })
  return { ...topics, failedWrite: findFailedWrite([...removed, ...applied]) }
}

const nameOf = ({ metadata: { name, namespace } }: KubeObject) => ({ name, namespace })

async function runTopicActions({ topics }: FleetPorts, { connection, owner }: ObservedFleet, actions: readonly TopicAction[]): Promise<Pick<FleetOutcome, 'failedTopics'> & { done: TopicAction[] }> {
  const done: TopicAction[] = []
  if (!connection.ok) return { failedTopics: undefined, done }
  const target = { namespace: owner.namespace, connection: connection.connection }
  for (const action of actions) {
    try {
      await topics.run(target, action)
      done.push(action)
    } catch (error) {
      const code = error instanceof AppError ? error.code : ''
      return { failedTopics: explainKafkaError(code, messageOf(error), target.connection.brokers), done }
    }
  }
  return { failedTopics: undefined, done }
}

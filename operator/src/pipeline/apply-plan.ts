import { applyAll, type ApplyOutcome } from '@tidewatch/controller'
import { AppError, messageOf } from '@tidewatch/kit'
import type { KubeObject } from '@tidewatch/kube'
import { explainKafkaError } from '../kafka/explain.ts'
import type { TopicAction } from '../kafka/decide-topics.ts'
import { findStranger } from '../shared/find-stranger.ts'
import { fieldManager, forcedFields, replicasFieldManager } from '../shared/forced-fields.ts'
import { findFailedWrite } from '../shared/outcomes.ts'
import type { PipelinePorts } from './observe.ts'
import type { Observed } from './observed.ts'
import type { Plan } from './plan.ts'
import type { Outcome } from './status.ts'

/** Does what was planned, in an order in which it can end anywhere and be taken up again. */
export async function applyPlan(ports: PipelinePorts, observed: Observed, plan: Plan): Promise<Outcome & { done: TopicAction[]; outcomes: ApplyOutcome[] }> {
  const { kube, cache } = ports
  const nothing = { failedWrite: undefined, failedTopics: undefined, done: [], outcomes: [] }
  if (plan.blocker !== undefined) return nothing
  const { owner } = observed
  const stranger = await findStranger({ kube, cache, owner, component: 'detector', desired: plan.apply })
  if (stranger !== undefined) return { ...nothing, failedWrite: stranger }

  // What we claim of Kafka is written before we make it: ended in between, we know of it the next time.
  if (plan.root !== undefined) await kube.apply(plan.root.resource, plan.root.object, { fieldManager })
  const topics = await runTopicActions(ports, observed, plan.actions)
  const outcomes = await applyAll({
    kube,
    fieldManager,
    desired: plan.apply,
    live: (resource, name) => cache.find(resource, name),
    remove: plan.remove.map(({ resource, object }) => ({ resource, name: nameOf(object), uid: object.metadata.uid })),
    forced: forcedFields,
  })
  if (plan.replicas !== undefined) await kube.apply(plan.replicas.resource, plan.replicas.object, { fieldManager: replicasFieldManager, force: true })
  return { ...topics, outcomes, failedWrite: findFailedWrite(outcomes) }
}

const nameOf = ({ metadata: { name, namespace } }: KubeObject) => ({ name, namespace })

async function runTopicActions({ topics }: PipelinePorts, { connection, owner }: Observed, actions: readonly TopicAction[]): Promise<Pick<Outcome, 'failedTopics'> & { done: TopicAction[] }> {
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

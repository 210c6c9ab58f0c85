import { groupIdOf, planTopics, type DetectionPipeline } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import { buildKafkaUser, type Grant } from '../../kafka/desired/kafka-user.ts'
import { topicManagementOf, type ConnectionResult } from '../../kafka/resolve-connection.ts'
import type { Owner } from '../../shared/owner.ts'

type User = NonNullable<Extract<ConnectionResult, { ok: true }>['user']>

/** The user that detectors log in as, with just the rights that they and the operator's lag reader need. */
export function buildDetectorUser(input: { pipeline: DetectionPipeline; owner: Owner; user: User; clusterName: string; version: string }): KubeObject {
  const { pipeline, owner, user, clusterName, version } = input
  const { name, authentication, withAcls } = user
  return buildKafkaUser({ owner, component: 'detector', name, clusterName, version, authentication, grants: withAcls ? buildGrants(pipeline, owner) : undefined })
}

function buildGrants(pipeline: DetectionPipeline, owner: Owner): Grant[] {
  const [input, ...outputs] = planTopics(pipeline)
  const manages = topicManagementOf(pipeline.spec.kafka) === 'Direct' ? (['Create', 'Alter', 'AlterConfigs', 'DescribeConfigs'] as const) : []
  const removes = manages.length > 0 && pipeline.spec.source.topic.deletionPolicy === 'Delete' ? (['Delete'] as const) : []
  return [
    { type: 'topic', name: input?.name ?? '', operations: ['Read', 'Describe', ...manages, ...removes] },
    ...outputs.map(({ name, holdsState }): Grant => {
      // State is read again after a restart, and deleted with the pipeline.
      const asState = holdsState !== true ? [] : manages.length > 0 ? (['Read', 'Delete'] as const) : (['Read'] as const)
      return { type: 'topic', name, operations: [...asState, 'Write', 'Describe', ...manages] }
    }),
    // Deleted with the pipeline, by the operator in this user's name.
    { type: 'group', name: groupIdOf(owner.name, owner.namespace), operations: ['Read', 'Describe', 'Delete'] },
    // Ids of transactions begin with the pipeline's uid: one made again never meets those of the one before.
    { type: 'transactionalId', name: `${owner.uid}-`, patternType: 'prefix', operations: ['Write', 'Describe'] },
    { type: 'cluster', name: 'kafka-cluster', operations: ['IdempotentWrite'] },
  ]
}

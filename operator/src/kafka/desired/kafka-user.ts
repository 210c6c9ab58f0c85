import { apiVersionOf, atVersion, resources, type KubeObject } from '@tidewatch/kube'
import { buildLabels, type Component } from '../../shared/labels.ts'
import { buildOwnerReference, type Owner } from '../../shared/owner.ts'
import type { UserAuthentication } from '../resolve-connection.ts'

/** What a user may do with one topic, group or transactional id. */
export interface Grant {
  type: 'topic' | 'group' | 'transactionalId' | 'cluster'
  name: string
  patternType?: 'literal' | 'prefix'
  operations: ('Read' | 'Write' | 'Describe' | 'Create' | 'Delete' | 'Alter' | 'AlterConfigs' | 'DescribeConfigs' | 'IdempotentWrite')[]
}

export interface KafkaUserInput {
  owner: Owner
  component: Component
  name: string
  clusterName: string
  /** The version of kafka.strimzi.io that the cluster serves. */
  version: string
  authentication: UserAuthentication
  /** Undefined: the brokers do not check what a user may do, and Strimzi refuses a user with rules then. */
  grants: Grant[] | undefined
}

/** A KafkaUser; its Secret, of the same name, is written by Strimzi's User Operator. */
export function buildKafkaUser({ owner, component, name, clusterName, version, authentication, grants }: KafkaUserInput): KubeObject {
  return {
    apiVersion: apiVersionOf(atVersion(resources.kafkaUsers, version)),
    kind: 'KafkaUser',
    metadata: {
      name,
      namespace: owner.namespace,
      labels: { ...buildLabels(component, owner.name), 'strimzi.io/cluster': clusterName },
      ownerReferences: [buildOwnerReference(owner)],
    },
    spec: {
      authentication: { type: authentication },
      // `operations`, in the plural: both v1beta2 and v1 know it, and v1 knows nothing else.
      ...(grants === undefined ? {} : { authorization: { type: 'simple', acls: grants.map(buildAcl) } }),
    },
  }
}

function buildAcl({ type, name, patternType, operations }: Grant) {
  const resource = type === 'cluster' ? { type } : { type, name, patternType: patternType ?? 'literal' }
  return { resource, operations, host: '*', type: 'allow' }
}

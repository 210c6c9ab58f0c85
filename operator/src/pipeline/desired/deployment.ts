import type { KubeObject } from '@tidewatch/kube'
import { buildSelector } from '../../shared/labels.ts'
import { buildPodTemplate, configHashOf } from '../../shared/pod.ts'
import { resolveConfig } from './config-map.ts'
import { buildMetadata, type DesiredInput } from './input.ts'

/** Time to finish a batch, write what came of it and leave the group. */
const terminationGracePeriodSeconds = 30

/** A detector that dies in its first seconds must not count as available, or a bad release would replace all good ones. */
const minReadySeconds = 5

/**
 * The detectors. `spec.replicas` is missing on purpose: the autoscaler owns it; where somebody else must set it, see
 * `replicas.ts`.
 */
export function buildDeployment(input: DesiredInput): KubeObject {
  const { pipeline, owner, name, connection, settings } = input
  const { spec } = pipeline
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: buildMetadata(input),
    spec: {
      selector: { matchLabels: buildSelector('detector', owner.name) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      minReadySeconds,
      revisionHistoryLimit: 3,
      progressDeadlineSeconds: 600,
      template: buildPodTemplate({
        component: 'detector',
        owner: owner.name,
        image: settings.detectorImage,
        imagePullPolicy: settings.imagePullPolicy,
        template: spec.template,
        imagePullSecrets: spec.imagePullSecrets,
        configMapName: name,
        serviceAccountName: name,
        connection,
        configHash: configHashOf(configOfProcess(input)),
        // A static member: a container that is started again in its pod gets its partitions back without a rebalance.
        env: [{ name: 'TIDEWATCH_INSTANCE_ID', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
        terminationGracePeriodSeconds,
      }),
    },
  }
}

/** What makes detectors start anew. They learn from Kafka how many partitions there are: more of them replace no pod. */
function configOfProcess(input: DesiredInput): Partial<ReturnType<typeof resolveConfig>> {
  const { partitions: _partitions, ...rest } = resolveConfig(input)
  return rest
}

import { defaultTargetDrainTime, parseDuration, resolveScaling, type DetectionPipeline } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import { drainMetric, lagMetric, lagPath, pipelineMetricLabel } from '../../shared/lag-metric.ts'
import type { Platform } from '../../shared/settings.ts'
import { buildMetadata, type DesiredInput } from './input.ts'

/** Who sets the number of detectors. */
export type Autoscaler = 'Hpa' | 'Keda' | 'None'

/** Up at once, doubling at most every half minute; down by one a minute, because each step is a rebalance. */
const defaultBehavior = {
  scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Percent', value: 100, periodSeconds: 30 }] },
  scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
}

export function replicaBounds({ spec }: DetectionPipeline): { minReplicas: number; maxReplicas: number } {
  const { minReplicas, maxReplicas } = resolveScaling(spec.scaling, spec.source.topic.partitions)
  return { minReplicas, maxReplicas }
}

/** KEDA where it is asked for or installed; nothing while there is nothing to scale. */
export function chooseAutoscaler(pipeline: DetectionPipeline, platform: Platform): Autoscaler {
  const { minReplicas, maxReplicas } = replicaBounds(pipeline)
  if (pipeline.spec.paused || minReplicas === maxReplicas) return 'None'
  const { metricsSource } = pipeline.spec.scaling
  if (metricsSource === 'Builtin') return 'Hpa'
  if (platform.hasKeda) return 'Keda'
  // Asked for and not there: a condition tells, and the number of detectors stays as it is.
  return metricsSource === 'Keda' ? 'None' : 'Hpa'
}

const scaleTarget = (name: string) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name })

export function buildHorizontalPodAutoscaler(input: DesiredInput): KubeObject {
  const { pipeline, owner, name } = input
  const { scaling } = pipeline.spec
  const selector = { matchLabels: { [pipelineMetricLabel]: owner.name } }
  const metric =
    scaling.targetLagPerReplica === undefined
      ? { metric: { name: drainMetric, selector }, target: { type: 'Value', value: targetDrainSeconds(pipeline) } }
      : { metric: { name: lagMetric, selector }, target: { type: 'AverageValue', averageValue: String(scaling.targetLagPerReplica) } }
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: buildMetadata(input),
    spec: {
      scaleTargetRef: scaleTarget(name),
      ...replicaBounds(pipeline),
      metrics: [{ type: 'External', external: metric }],
      behavior: buildBehavior(pipeline),
    },
  }
}

export function buildScaledObject(input: DesiredInput): KubeObject {
  const { pipeline, owner, name, settings } = input
  const { minReplicas, maxReplicas } = replicaBounds(pipeline)
  const { targetLagPerReplica } = pipeline.spec.scaling
  const byLag = targetLagPerReplica !== undefined
  const address = `http://${settings.serviceName}.${settings.operatorNamespace}.svc:${settings.port}`
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: buildMetadata(input),
    spec: {
      scaleTargetRef: scaleTarget(name),
      minReplicaCount: minReplicas,
      maxReplicaCount: maxReplicas,
      pollingInterval: 15,
      advanced: { horizontalPodAutoscalerConfig: { behavior: buildBehavior(pipeline) } },
      triggers: [
        {
          type: 'metrics-api',
          metricType: byLag ? 'AverageValue' : 'Value',
          metadata: {
            url: `${address}${lagPath(owner.namespace, owner.name)}`,
            valueLocation: byLag ? 'lagRecords' : 'drainSeconds',
            targetValue: byLag ? String(targetLagPerReplica) : targetDrainSeconds(pipeline),
          },
        },
      ],
    },
  }
}

/** As a Kubernetes quantity, in the form that the API server would write. */
function targetDrainSeconds({ spec }: DetectionPipeline): string {
  const ms = parseDuration(spec.scaling.targetDrainTime ?? defaultTargetDrainTime)
  return ms % 1_000 === 0 ? String(ms / 1_000) : `${Math.max(1, Math.round(ms))}m`
}

function buildBehavior({ spec }: DetectionPipeline): object {
  const { scaleUp, scaleDown } = spec.scaling.behavior ?? {}
  return { scaleUp: { ...defaultBehavior.scaleUp, ...scaleUp }, scaleDown: { ...defaultBehavior.scaleDown, ...scaleDown } }
}

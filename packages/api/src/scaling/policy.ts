import { parseDuration } from '../duration.ts'
import { defaultTargetDrainTime, type ScalingSpec } from '../pipeline/scaling.ts'
import type { ScalingPolicy } from './decide-replicas.ts'

/** The horizontal pod autoscaler's default. */
const defaultScaleDownStabilizationMs = 300_000

/** A rebalance and the catching up after it take about so long. */
const settleMs = 15_000

/**
 * Turns a manifest's `scaling` into what `decideReplicas` works by.
 *
 * @param most what the surroundings can carry where the manifest sets no `maxReplicas`: the partition count on
 *   a cluster, no more than the processors on one machine.
 */
export function resolveScaling(
  scaling: ScalingSpec,
  partitions: number,
  { most = partitions, scaleDownStabilizationMs = defaultScaleDownStabilizationMs }: { most?: number; scaleDownStabilizationMs?: number } = {},
): ScalingPolicy {
  const minReplicas = Math.min(scaling.minReplicas, partitions)
  const stabilizationSeconds = scaling.behavior?.scaleDown?.stabilizationWindowSeconds
  return {
    minReplicas,
    maxReplicas: Math.max(minReplicas, Math.min(partitions, scaling.maxReplicas ?? most)),
    partitions,
    target:
      scaling.targetLagPerReplica === undefined
        ? { drainTimeMs: parseDuration(scaling.targetDrainTime ?? defaultTargetDrainTime) }
        : { lagPerReplica: scaling.targetLagPerReplica },
    scaleDownStabilizationMs: stabilizationSeconds === undefined ? scaleDownStabilizationMs : stabilizationSeconds * 1_000,
    settleMs,
  }
}

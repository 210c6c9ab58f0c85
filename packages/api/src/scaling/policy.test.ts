import { expect, test } from 'vitest'
import { scaling } from '../pipeline/scaling.ts'
import { resolveScaling } from './policy.ts'

test.each([
  ['defaults: up to the partitions, 30 s of work', {}, 8, {}, { minReplicas: 1, maxReplicas: 8, target: { drainTimeMs: 30_000 } }],
  ['on one machine: up to the processors', {}, 8, { most: 2 }, { minReplicas: 1, maxReplicas: 2 }],
  ['what the manifest says goes above the processors', { maxReplicas: 4 }, 8, { most: 2 }, { maxReplicas: 4 }],
  ['never more than partitions', { minReplicas: 4 }, 2, {}, { minReplicas: 2, maxReplicas: 2 }],
  ['lag for each replica', { targetLagPerReplica: 500 }, 8, {}, { target: { lagPerReplica: 500 } }],
  ['a drain time of its own', { targetDrainTime: '10s' }, 8, {}, { target: { drainTimeMs: 10_000 } }],
  ['the autoscaler\'s own window', { behavior: { scaleDown: { stabilizationWindowSeconds: 20 } } }, 8, {}, { scaleDownStabilizationMs: 20_000 }],
] as const)('%s', (_, spec, partitions, options, expected) => {
  expect(resolveScaling(scaling.parse(spec), partitions, options)).toMatchObject(expected)
})

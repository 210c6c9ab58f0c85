import type { KubeObject } from '@tidewatch/kube'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kubectl } from './kubectl.ts'

/** How often a sequence of numbers turns from rising to falling or back. */
export function countTurns(values: readonly number[]): number {
  const steps = values.slice(1).map((value, i) => Math.sign(value - (values[i] ?? value))).filter((step) => step !== 0)
  return steps.filter((step, i) => i > 0 && step !== steps[i - 1]).length
}

/** Writes down the wanted number of replicas of a Deployment, each second until it is stopped. */
export function watchReplicas(cluster: Kubectl, namespace: string, deployment: string): { values: number[]; stop: () => Promise<number[]> } {
  const values: number[] = []
  const stopped = new AbortController()
  const run = async () => {
    while (!stopped.signal.aborted) {
      const found = await cluster.read<KubeObject & { spec: { replicas?: number } }>('deployment', deployment, namespace)
      if (found !== undefined) values.push(found.spec.replicas ?? 1)
      await sleep(1_000)
    }
    return values
  }
  const running = run()
  return {
    values,
    stop: () => {
      stopped.abort()
      return running
    },
  }
}

import type { KubeObject } from '@tidewatch/kube'
import { eventually } from './eventually.ts'
import type { Kubectl } from './kubectl.ts'

interface Where {
  operatorNamespace: string
  releaseName: string
}

/** The pods of the operator that are not on their way out. */
export async function listOperators(cluster: Kubectl, { operatorNamespace }: Where): Promise<KubeObject[]> {
  const pods = await cluster.list('pods', operatorNamespace, 'app.kubernetes.io/component=operator')
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
}

/** Name of the pod that leads, from the Lease; undefined where nobody does. */
export async function readLeader(cluster: Kubectl, { operatorNamespace }: Where): Promise<string | undefined> {
  const lease = await cluster.read('lease', 'tidewatch-operator', operatorNamespace)
  return (lease?.spec as { holderIdentity?: string } | undefined)?.holderIdentity
}

/** Sets the number of operators and waits until they are ready. */
export async function scaleOperators(cluster: Kubectl, where: Where, replicas: number): Promise<void> {
  await cluster.run(['scale', 'deployment', where.releaseName, '-n', where.operatorNamespace, `--replicas=${replicas}`])
  await cluster.run(['rollout', 'status', `deployment/${where.releaseName}`, '-n', where.operatorNamespace, '--timeout=90s'])
  await eventually(`${replicas} operators`, () => listOperators(cluster, where), (pods) => pods.length === replicas)
}

/** Ends a pod without a word of warning, as kill -9 does. */
export async function killPod(cluster: Kubectl, namespace: string, name: string): Promise<void> {
  await cluster.run(['delete', 'pod', name, '-n', namespace, '--grace-period=0', '--force', '--wait=false'])
}

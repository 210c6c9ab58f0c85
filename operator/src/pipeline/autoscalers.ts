import type { KubeObject } from '@tidewatch/kube'
import { controllerOf, isControlledBy } from '../shared/owner.ts'
import type { Observed } from './observed.ts'

/** True where the pipeline made the autoscaler, or KEDA did for the pipeline's ScaledObject. */
export function isOurAutoscaler(autoscaler: KubeObject, { owner, scaledObject }: Pick<Observed, 'owner' | 'scaledObject'>): boolean {
  if (isControlledBy(autoscaler, owner.uid)) return true
  const controller = controllerOf(autoscaler)
  return controller !== undefined && scaledObject !== undefined && controller.uid === scaledObject.metadata.uid
}

/** True where an HPA's target is the Deployment of this name. */
export function scalesDeployment(autoscaler: KubeObject, name: string): boolean {
  const target = (autoscaler.spec as { scaleTargetRef?: { kind?: string; name?: string } } | undefined)?.scaleTargetRef
  return target?.kind === 'Deployment' && target.name === name
}

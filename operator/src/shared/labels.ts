import { shorten } from './names.ts'

export type Component = 'detector' | 'simulator'

export const ownerLabel = { detector: 'tidewatch.dev/pipeline', simulator: 'tidewatch.dev/fleet' } as const satisfies Record<Component, string>

export const configHashAnnotation = 'tidewatch.dev/config-hash'
/** `"true"` on a pipeline or fleet: the operator leaves it and its children as they are. */
export const pausedAnnotation = 'tidewatch.dev/paused'

/** What this operator made, whoever it made it for; informers of children list by it. */
export const managedBySelector = 'app.kubernetes.io/managed-by=tidewatch-operator'

/** The labels of every child. */
export function buildLabels(component: Component, owner: string): Record<string, string> {
  return { ...buildSelector(component, owner), 'app.kubernetes.io/part-of': 'tidewatch', 'app.kubernetes.io/managed-by': 'tidewatch-operator', [ownerLabel[component]]: owner }
}

/** The labels that tell the pods of one owner from all others. A Deployment's selector cannot change, so neither may these. */
export function buildSelector(component: Component, owner: string): Record<string, string> {
  return { 'app.kubernetes.io/name': `tidewatch-${component}`, 'app.kubernetes.io/instance': shorten(owner), 'app.kubernetes.io/component': component }
}

/** `a=b,c=d`, as list calls and the scale subresource take it. */
export function formatSelector(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}

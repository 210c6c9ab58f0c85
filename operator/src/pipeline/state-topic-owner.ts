import { sharesState, type DetectionPipeline } from '@tidewatch/api'
import { keyOf, type KubeObject } from '@tidewatch/kube'

/**
 * The oldest pipeline whose checkpoints are in the topic that this one names for its own, if it is older than this one.
 *
 * @param all every pipeline that is watched, as the API server has it; one that this version cannot read counts as well.
 * @returns namespace/name.
 */
export function findStateTopicOwner(pipeline: KubeObject, all: readonly KubeObject[]): string | undefined {
  const before = all.filter((other) => isOlder(other, pipeline) && sharesState(asPipeline(other), asPipeline(pipeline)))
  const oldest = before.reduce<KubeObject | undefined>((first, one) => (first === undefined || isOlder(one, first) ? one : first), undefined)
  return oldest === undefined ? undefined : keyOf({ namespace: oldest.metadata.namespace, name: oldest.metadata.name })
}

// The schema of the API server has seen what is looked at here.
const asPipeline = (object: KubeObject): DetectionPipeline => object as unknown as DetectionPipeline

/** By the second in which they were made; by their numbers where that is the same. */
function isOlder({ metadata: one }: KubeObject, { metadata: other }: KubeObject): boolean {
  const [oneMs, otherMs] = [one, other].map(({ creationTimestamp = '' }) => Date.parse(creationTimestamp))
  if (oneMs !== otherMs) return oneMs! < otherMs!
  return (one.uid ?? '') < (other.uid ?? '')
}

import type { KubeObject } from './object.ts'

const decimal = /^\d+$/

/**
 * True where `a` is certainly older than `b`: both versions are whole numbers, as the API server's always are, and a's is less.
 * Versions that cannot be compared count as news, because to lose a change is worse than to tell it twice.
 */
export function isOlder(a: KubeObject, b: KubeObject): boolean {
  const [versionA = '', versionB = ''] = [a.metadata.resourceVersion, b.metadata.resourceVersion]
  return decimal.test(versionA) && decimal.test(versionB) && BigInt(versionA) < BigInt(versionB)
}

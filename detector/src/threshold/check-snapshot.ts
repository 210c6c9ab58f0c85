import type { ThresholdSnapshot } from './threshold.ts'

/** @throws Error naming what was found, unless the snapshot is of this kind and layout. */
export function checkSnapshot(snapshot: ThresholdSnapshot, kind: string, version: number): void {
  if (snapshot.kind === kind && snapshot.version === version) return
  throw new Error(`cannot read a threshold snapshot of kind ${snapshot.kind} version ${snapshot.version}: this is ${kind} version ${version}`)
}

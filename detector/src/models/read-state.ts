import type { ModelSnapshot } from './model.ts'

/** @throws Error naming what was found, unless the snapshot is of this kind and layout. */
export function readState<State>(snapshot: ModelSnapshot, kind: string, version: number): State {
  if (snapshot.kind === kind && snapshot.version === version) return snapshot.state as State
  throw new Error(`cannot read a model snapshot of kind ${snapshot.kind} version ${snapshot.version}: this is ${kind} version ${version}`)
}

import { fromLayout2 } from './migrations/from-2.ts'
import { fromLayout3 } from './migrations/from-3.ts'

/**
 * Brings a whole snapshot (a full one with its increments) of one layout to the next one. Pure; it is given only what its checksums have
 * found right, and reads it with the layout as it was then.
 *
 * @throws SnapshotDamaged for what makes no sense all the same.
 */
export type Migration = (snapshot: Uint8Array) => Uint8Array

/** Migrations by the layout that they begin with: several in a row lead from an old one to this detector's. */
export type Migrations = ReadonlyMap<number, Migration>

/**
 * All that there are. Layout 1 was never part of a release, and there is no way from it.
 *
 * To raise `snapshotVersion` from n: keep what reads layout n in `migrations/from-n.ts`, add it here, and a snapshot of layout n to its test.
 */
export const migrations: Migrations = new Map<number, Migration>([[2, fromLayout2], [3, fromLayout3]])

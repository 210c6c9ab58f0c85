import { raiseVersion } from './raise-version.ts'

/**
 * Layout 3 has more bits in what a group and its model have: what was told of it (verdict/group-memory.ts), its pulse (snapshot/partition-state.ts),
 * what watches for drifts (verdict/entry-state.ts). In layout 2 they are 0, so the state stays as it is.
 */
export const fromLayout2 = (snapshot: Uint8Array): Uint8Array => raiseVersion(snapshot, 3)

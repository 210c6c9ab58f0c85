import { raiseVersion } from './raise-version.ts'

/**
 * Layout 4 may have priors between the groups and the end (snapshot/partition-state.ts), and one more bit in what a model has: the first vectors that it
 * holds back (verdict/entry-state.ts). In layout 3 both are absent, so the state stays as it is.
 */
export const fromLayout3 = (snapshot: Uint8Array): Uint8Array => raiseVersion(snapshot, 4)

import { defineError } from '@tidewatch/kit'

/** A checksum is wrong, or what it covers makes no sense: take the checkpoint before. */
export const SnapshotDamaged = defineError('SNAPSHOT_DAMAGED', { retry: 'never' })

/** Written by a version, or on a machine, whose layout is not known here. */
export const SnapshotOfAnotherVersion = defineError('SNAPSHOT_OF_ANOTHER_VERSION', { retry: 'never' })

/** What the pipeline says has changed in a way that gives the state another meaning; or it is another partition's. */
export const SnapshotOfAnotherConfiguration = defineError('SNAPSHOT_OF_ANOTHER_CONFIGURATION', { retry: 'never' })

/** From this snapshot there is no exact way to the committed offset. */
export const SnapshotNotOfThisCommit = defineError('SNAPSHOT_NOT_OF_THIS_COMMIT', { retry: 'never' })

import { defineError } from '@tidewatch/kit'

/** A fault could not be put where it was meant to be, or nothing went on after it: the run says nothing about what was promised. */
export const ChaosStuck = defineError('CHAOS_STUCK', { retry: 'never' })
/** The command line asks for something that is not there. */
export const ChaosUsage = defineError('CHAOS_USAGE', { retry: 'never' })

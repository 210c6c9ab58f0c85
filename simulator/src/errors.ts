import { defineError } from '@tidewatch/kit'

/** The fleet asks for what cannot be simulated: a profile that is not there, a fault that has nothing to act on. */
export const FleetInvalid = defineError('FLEET_INVALID', { retry: 'never' })

/** The recording cannot be replayed: no such file, or a column that it does not have. */
export const RecordingInvalid = defineError('RECORDING_INVALID', { retry: 'never' })

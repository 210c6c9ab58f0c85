import type { FaultBehaviour } from './fault.ts'

/** The device's clock is `magnitude` seconds ahead; the message is sent when it is due all the same. */
export const clockSkew: FaultBehaviour = {
  kind: 'clockSkew',
  skewMs: (incident) => Math.round(incident.magnitude * 1_000),
}

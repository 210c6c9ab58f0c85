import type { FaultBehaviour } from './fault.ts'

/** Every message is held back for up to `magnitude` seconds of event time. */
export const outOfOrder: FaultBehaviour = {
  kind: 'outOfOrder',
  delayMs: (uniform, incident) => Math.round(uniform * incident.magnitude * 1_000),
}

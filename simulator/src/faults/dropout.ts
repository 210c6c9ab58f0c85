import type { FaultBehaviour } from './fault.ts'

/** A share `magnitude` of the messages is not sent. */
export const dropout: FaultBehaviour = {
  kind: 'dropout',
  isSent: (uniform, incident) => uniform >= incident.magnitude,
}

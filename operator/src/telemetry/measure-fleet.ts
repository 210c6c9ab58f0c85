import { simulatorMetrics as names, type Totals } from '@tidewatch/api'
import type { FleetTelemetry } from '../fleet/telemetry-view.ts'

/** One look at all simulators of a fleet. */
export function measureFleet(totals: Totals): FleetTelemetry {
  return {
    activeDevices: totals.sum(names.activeDevices),
    sent: totals.sum(names.sent),
    sendErrors: totals.sum(names.sendErrors),
    achievedRate: totals.sum(names.rate),
    injected: totals.byLabel(names.faulty, 'fault'),
  }
}

import { Counter, Gauge, type Registry } from '@tidewatch/kit'
import type { SimulationProgress } from './runner.ts'

/** Labels of a recording beyond this many share one series, so that a scrape stays small. */
const mostFaults = 100
const otherFaults = 'other'

/** Registers the simulator's metrics and gives the function that brings them up to date. */
export function createSimulatorMetrics(registry: Registry): (progress: SimulationProgress) => void {
  const registers = [registry]
  const sent = new Counter({ name: 'tidewatch_simulator_records_sent_total', help: 'Records that Kafka acknowledged.', registers })
  const errors = new Counter({ name: 'tidewatch_simulator_send_errors_total', help: 'Records that could not be sent.', registers })
  const faulty = new Counter({ name: 'tidewatch_simulator_faulty_records_total', help: 'Records sent under a fault, by its kind.', labelNames: ['fault'], registers })
  const skipped = new Counter({ name: 'tidewatch_simulator_skipped_rows_total', help: 'Rows of the recording that could not be used.', registers })
  const active = new Gauge({ name: 'tidewatch_simulator_active_devices', help: 'Devices that send.', registers })
  const rate = new Gauge({ name: 'tidewatch_simulator_rate', help: 'Records acknowledged in the last second.', registers })
  const last = { sent: 0, sendErrors: 0, skippedRows: 0 }
  const lastByFault = new Map<string, number>()

  return ({ sent: sentNow, sendErrors, skippedRows, injected, activeDevices, currentRate }) => {
    sent.inc(sentNow - last.sent)
    errors.inc(sendErrors - last.sendErrors)
    skipped.inc(skippedRows - last.skippedRows)
    Object.assign(last, { sent: sentNow, sendErrors, skippedRows })
    for (const [fault, count] of foldFaults(injected)) {
      faulty.inc({ fault }, count - (lastByFault.get(fault) ?? 0))
      lastByFault.set(fault, count)
    }
    active.set(activeDevices)
    rate.set(currentRate)
  }
}

/** Counts by fault, with those that came too late for a series of their own added up. */
function foldFaults(injected: Readonly<Record<string, number>>): [string, number][] {
  const entries = Object.entries(injected)
  const others = entries.slice(mostFaults).reduce((sum, [, count]) => sum + count, 0)
  return others === 0 ? entries : [...entries.slice(0, mostFaults), [otherFaults, others]]
}

import type { PresetName, SimulatorConfig } from '@tidewatch/api'
import { FleetInvalid } from '../errors.ts'
import { accessEvent } from './access-event.ts'
import { deviceHealth } from './device-health.ts'
import { deviceMetric } from './device-metric.ts'
import type { MessageFormat } from './layout.ts'
import { networkFlow } from './network-flow.ts'
import { sensorReading } from './sensor-reading.ts'
import { createTemplateFormat } from './template.ts'

/** Every preset's messages. */
export const presetFormats: Record<PresetName, MessageFormat> = {
  SensorReading: sensorReading,
  DeviceMetric: deviceMetric,
  AccessEvent: accessEvent,
  DeviceHealth: deviceHealth,
  NetworkFlow: networkFlow,
}

/** @throws FleetInvalid when the fleet names neither a preset nor a template, or the template is wrong. */
export function chooseFormat({ preset, template }: SimulatorConfig['format']): MessageFormat {
  if (preset !== undefined) return presetFormats[preset]
  if (template !== undefined) return createTemplateFormat(template)
  throw new FleetInvalid('Simulated devices need a message shape: write format.preset or format.template')
}

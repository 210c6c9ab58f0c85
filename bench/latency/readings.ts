import type { OutputRecord } from '@tidewatch/kafka'
import { gaussian, mulberry32 } from '@tidewatch/kit'

/** How many values are drawn before they come again. */
const drawn = 4_096

/** Makes readings of system C: around 22 degrees, of one metric, with a device's readings in one partition. */
export function createReadings({ topic, devices, partitions }: { topic: string; devices: number; partitions: number }): (device: number, eventMs: number) => OutputRecord {
  const draw = mulberry32(7)
  const values = Array.from({ length: drawn }, () => (22 + 0.4 * gaussian(draw)).toFixed(3))
  const names = Array.from({ length: devices }, (_, device) => `sensor_${String(device).padStart(6, '0')}`)
  let n = 0
  let latestMs = NaN
  let timestamp = ''
  return (device, eventMs) => {
    if (eventMs !== latestMs) {
      latestMs = eventMs
      timestamp = new Date(eventMs).toISOString()
    }
    const name = names[device]!
    return { topic, partition: device % partitions, key: name, value: `{"sensor_id":"${name}","timestamp":"${timestamp}","metric":"temperature","value":${values[n++ % drawn]!}}` }
  }
}

/** The number in a device's name. */
export const deviceOf = (name: string): number => Number(name.slice('sensor_'.length))

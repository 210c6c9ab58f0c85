import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { nodeFlags } from '@tidewatch/detector/node-flags'
import { defineError } from '@tidewatch/kit'
import type { DeviceRow, DeviceStep } from './messages.ts'

/** A process that held devices has ended before it told anything. */
export const StepFailed = defineError('STEP_FAILED', { retry: 'never' })

/**
 * Measures one number of devices in a process of its own, so that memory is its alone.
 *
 * @throws StepFailed where it ends without a word, such as out of memory.
 */
export function measureDevices(step: DeviceStep): Promise<DeviceRow> {
  const child = fork(fileURLToPath(new URL('./device-process.ts', import.meta.url)), [JSON.stringify(step)], { execArgv: [...nodeFlags, '--expose-gc'] })
  return new Promise((resolve, reject) => {
    child.once('message', (row) => resolve(row as DeviceRow))
    child.once('exit', (code, signal) => reject(new StepFailed(`The process with ${step.devices} devices has ended (${code ?? signal}) without a result: is there memory enough?`)))
  })
}

import type { DetectorConfig } from '@tidewatch/api'
import type { Clock } from '@tidewatch/kit'
import { DetectorProcess } from '../../detector/src/testing/detector-process.ts'
import { eventually } from '../support/eventually.ts'
import { readContextSwitches, type ContextSwitches } from './proc.ts'

/** Until the group has settled, modules are loaded and code is compiled. */
const settleMs = 10_000

/**
 * How often a second the main thread of a detector wakes up, on a topic on which nothing is sent: each time it ends by waiting again, a voluntary
 * switch. An involuntary one is no wake-up: others took the CPU in the middle, more often the busier the machine is.
 */
export async function measureIdleWakeUps(config: DetectorConfig, brokers: string, forMs: number, clock: Clock, signal?: AbortSignal): Promise<ContextSwitches> {
  const detector = new DetectorProcess(config, brokers)
  try {
    await eventually('the detector has its partitions', async () => detector.output.includes('Took over partitions'), Boolean)
    await clock.sleep(settleMs, signal)
    const before = readContextSwitches(detector.pid)
    const beganMs = clock.now()
    await clock.sleep(forMs, signal)
    const after = readContextSwitches(detector.pid)
    const perSecond = (count: number) => (count / (clock.now() - beganMs)) * 1_000
    return { voluntary: perSecond(after.voluntary - before.voluntary), involuntary: perSecond(after.involuntary - before.involuntary) }
  } finally {
    await detector.signal('SIGTERM')
  }
}

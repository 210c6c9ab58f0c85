import type { Logger } from '@tidewatch/kit'
import type { DetectorMetrics } from '../metrics.ts'
import type { FittedOutputs } from '../sinks/size-limits.ts'

/** Counts and tells of outputs that were too large for their topics. */
export function reportTooLarge({ shortened, leftOut }: Omit<FittedOutputs, 'records'>, metrics: DetectorMetrics, log: Logger): void {
  metrics.outputsTooLarge.shortened += shortened
  metrics.outputsTooLarge.leftOut += leftOut.length
  if (shortened > 0) log.warn({ shortened }, 'Outputs larger than their topics take went out in a smaller form: raise max.message.bytes of the topics')
  for (const { record, source } of leftOut) {
    log.error({ topic: record.topic, source }, `There is no form of a record that topics ${record.topic} and that of dead letters take: it is left out. Raise their max.message.bytes`)
  }
}

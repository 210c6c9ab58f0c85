import { parseArgs } from 'node:util'
import { checkWritable, writeJson } from '@tidewatch/cli'
import { createTopicAdmin, startEmbeddedKafka } from '@tidewatch/kafka'
import { createLogger, systemClock } from '@tidewatch/kit'
import { checkBounds, computeWarmUpMs } from './bounds.ts'
import { measureIdleWakeUps } from './idle.ts'
import { createPipeline } from './pipeline.ts'
import { formatFindings, formatSample, sampleHead } from './report.ts'
import { runSoak } from './soak.ts'

// A detector at work for minutes, watched from outside: does anything grow? `node e2e/soak/main.ts --minutes 10 --rate 20000 --json out/soak.json`.
// Exits with 1 where a bound is broken.

const { values: given } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '20000' },
    devices: { type: 'string', default: '2000' },
    partitions: { type: 'string', default: '4' },
    json: { type: 'string' },
  },
})
const positive = (name: 'minutes' | 'rate' | 'devices' | 'partitions'): number => {
  const value = Number(given[name])
  if (Number.isFinite(value) && value > 0) return value
  throw new Error(`--${name} is ${given[name]}: give a number above 0`)
}
const options = { minutes: positive('minutes'), rate: positive('rate'), devices: positive('devices'), partitions: positive('partitions') }
if (given.json !== undefined) checkWritable(given.json)
const forMs = options.minutes * 60_000
const idleMs = Math.min(30_000, forMs)
const log = createLogger({ name: 'soak', level: 'error' })

const end = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => end.abort())

// Enough for the minutes, and no more: the disk need not hold the whole soak.
const kafka = await startEmbeddedKafka({ config: { 'log.segment.bytes': '16777216', 'log.retention.bytes': '67108864', 'log.retention.check.interval.ms': '10000' } })
const connection = { brokers: kafka.brokers, clientId: 'soak' }
const admin = createTopicAdmin({ connection, log })
try {
  const empty = await createPipeline(admin, 'idle', options.partitions)
  const idle = await measureIdleWakeUps(empty, kafka.brokers, idleMs, systemClock, end.signal)
  console.log(`idle: ${idle.voluntary.toFixed(1)} voluntary and ${idle.involuntary.toFixed(1)} involuntary switches/s over ${idleMs / 1_000} s\n${sampleHead}`)
  const config = await createPipeline(admin, 'soak', options.partitions)
  const soak = await runSoak({
    ...options,
    config,
    connection,
    forMs,
    sampleEveryMs: Math.min(10_000, forMs / 6),
    clock: systemClock,
    log,
    signal: end.signal,
    onSample: (sample) => console.log(formatSample(sample)),
  })
  const warmUpMs = computeWarmUpMs(forMs)
  const findings = checkBounds(
    soak.samples.filter(({ atMs }) => atMs >= warmUpMs),
    idle.voluntary,
  )
  console.log(`\nsent ${Math.round(soak.sentPerSecond).toLocaleString('en')} readings/s, judged after a warm-up of ${Math.round(warmUpMs / 1_000)} s`)
  console.log(formatFindings(findings))
  if (given.json !== undefined) writeJson(given.json, { ...options, sentPerSecond: soak.sentPerSecond, idle, warmUpMs, findings, samples: soak.samples })
  if (soak.exitCode !== 0) console.error(`The detector ended with ${String(soak.exitCode)} at SIGTERM, and should have with 0`)
  if (end.signal.aborted || soak.exitCode !== 0 || findings.some(({ isKept }) => !isKept)) process.exitCode = 1
} finally {
  await admin.close()
  await kafka.stop()
}

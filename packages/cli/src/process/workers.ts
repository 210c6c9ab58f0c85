import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DetectorConfig, SimulatorConfig } from '@tidewatch/api'
import { nodeFlags } from '@tidewatch/detector/node-flags'
import { Child } from './child.ts'
import { buildChildEnvironment } from './environment.ts'
import { SimulatorProcess } from './simulator.ts'

/** Where child processes find what they need and leave what they say. */
export interface Workplace {
  brokers: string
  /** Configuration files and reports. */
  runFolder: string
  /** One log for each process. */
  logFolder: string
  logLevel: string
  environment: Record<string, string | undefined>
}

/** On one machine there is no network to be patient with: a killed detector's partitions soon go to another. */
const sessionTimeoutMs = 10_000

const detectorEntry = () => import.meta.resolve('@tidewatch/detector/main')
const simulatorEntry = () => import.meta.resolve('@tidewatch/simulator/main')

/** Writes a pipeline's configuration and gives the function that starts one detector of it. */
export function prepareDetectors(place: Workplace, config: DetectorConfig): (id: number) => Child {
  const { name } = config.pipeline
  const configFile = writeConfig(place, `pipeline-${name}.json`, config)
  return (id) =>
    new Child({
      name: `detector ${name}-${id}`,
      entry: detectorEntry(),
      nodeFlags,
      environment: { ...commonEnvironment(place, configFile), TIDEWATCH_SESSION_TIMEOUT_MS: String(sessionTimeoutMs) },
      logFile: join(place.logFolder, `detector-${name}-${id}.log`),
    })
}

/** Starts every shard of a fleet. */
export function startSimulators(place: Workplace, config: SimulatorConfig): SimulatorProcess[] {
  const { name } = config.fleet
  const configFile = writeConfig(place, `fleet-${name}.json`, config)
  return Array.from({ length: config.shards }, (_, shard) => {
    const suffix = config.shards === 1 ? name : `${name}-${shard}`
    const reportFile = join(place.runFolder, `report-${suffix}.json`)
    const environment = { ...commonEnvironment(place, configFile), TIDEWATCH_SHARD: String(shard), TIDEWATCH_REPORT_FILE: reportFile }
    const child = new Child({ name: `simulator ${suffix}`, entry: simulatorEntry(), environment, logFile: join(place.logFolder, `simulator-${suffix}.log`) })
    return new SimulatorProcess({ fleet: name, topic: config.topic, child, reportFile })
  })
}

function commonEnvironment(place: Workplace, configFile: string): Record<string, string> {
  return buildChildEnvironment(place.environment, {
    TIDEWATCH_CONFIG_FILE: configFile,
    TIDEWATCH_KAFKA_BROKERS: place.brokers,
    TIDEWATCH_PORT: '0',
    TIDEWATCH_LOG_LEVEL: place.logLevel,
  })
}

function writeConfig(place: Workplace, name: string, config: object): string {
  const file = join(place.runFolder, name)
  writeFileSync(file, JSON.stringify(config, null, 2))
  return file
}

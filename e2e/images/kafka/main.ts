// The entry point of the Kafka pod. SIGHUP stops the broker and keeps its data, SIGUSR2 starts it again: for what
// happens while Kafka is down. The pod stays, so that nothing but Kafka changes.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loggingProperties } from '../../../packages/kafka/src/embedded/server-properties.ts'
import { buildFormatArguments, buildPodProperties, readSettings } from './settings.ts'

const libs = '/opt/kafka/libs'
const settings = readSettings(process.env)
const propertiesFile = '/tmp/server.properties'
const loggingFile = '/tmp/log4j2.properties'
writeFileSync(propertiesFile, buildPodProperties(settings))
writeFileSync(loggingFile, loggingProperties)
const classPath = readdirSync(libs).sort().map((jar) => join(libs, jar)).join(':')

function startJava(mainClass: string, args: readonly string[], heap: string): ChildProcess {
  return spawn('java', [`-Xmx${heap}`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true', `-Dlog4j2.configurationFile=${loggingFile}`, '-cp', classPath, mainClass, ...args], { stdio: 'inherit' })
}

let isWanted = true
let broker: ChildProcess | undefined

function runBroker(): void {
  broker = startJava('kafka.Kafka', [propertiesFile], '512m')
  broker.once('exit', (code, signal) => {
    broker = undefined
    console.log(`Kafka ended with ${code ?? signal ?? 'nothing'}`)
    // A broker that ends by itself takes its pod with it, as it would anywhere else.
    if (isWanted) process.exit(code ?? 1)
  })
}

const formatting = startJava('kafka.tools.StorageTool', buildFormatArguments(settings, propertiesFile), '128m')
const [formatted] = (await once(formatting, 'exit')) as [number | null]
if (formatted !== 0) process.exit(formatted ?? 1)
runBroker()
// Without a broker nothing else keeps this process, and so the pod, alive.
setInterval(() => {}, 60_000)

process.on('SIGHUP', () => {
  isWanted = false
  broker?.kill('SIGTERM')
})
process.on('SIGUSR2', () => {
  isWanted = true
  if (broker === undefined) runBroker()
})
process.on('SIGTERM', () => {
  isWanted = false
  if (broker === undefined) process.exit(0)
  broker.once('exit', () => process.exit(0))
  broker.kill('SIGTERM')
})

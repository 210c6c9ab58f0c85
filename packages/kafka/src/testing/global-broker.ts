import type { TestProject } from 'vitest/node'
import { startEmbeddedKafka } from '../embedded/index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    kafkaBrokers: string
  }
}

/** vitest's globalSetup of the projects that need Kafka: one broker for all files of a run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const broker = await startEmbeddedKafka()
  project.provide('kafkaBrokers', broker.brokers)
  return () => broker.stop()
}

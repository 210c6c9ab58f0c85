import { defineConfig } from 'vitest/config'
import { StoryOrder } from './e2e/platform/story-order.ts'

const folders = '{packages/*,detector,simulator,operator}/src/**'
const costly = '{kafka,e2e,memory,apiserver,cluster}'

// Two files at a time, where nothing else is said: of two cores vitest itself would use one.
// A test's file suffix says what it needs: nothing, a real Kafka, a real kube-apiserver, or the whole product as processes.
export default defineConfig({
  test: {
    sequence: { sequencer: StoryOrder },
    projects: [
      {
        test: {
          name: 'unit',
          // None of them waits: on a machine with other work they only take longer.
          testTimeout: 60_000,
          include: [`${folders}/*.test.ts`, '{bench,scripts,helm,e2e,training}/**/*.test.ts'],
          exclude: [`**/*.${costly}.test.ts`, '**/node_modules/**'],
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'kafka',
          globalSetup: ['packages/kafka/src/testing/global-broker.ts'],
          include: [`${folders}/*.kafka.test.ts`],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          // One broker for all files, which wait more than they work.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'apiserver',
          globalSetup: ['e2e/cluster/global-apiserver.ts'],
          include: [`${folders}/*.apiserver.test.ts`, '{helm,e2e}/**/*.apiserver.test.ts'],
          testTimeout: 60_000,
          // The first run on a machine builds the binaries.
          hookTimeout: 1_800_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.test.ts'],
          exclude: ['e2e/cluster/**'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          // The cluster on this machine itself, of which there is one at a time.
          name: 'local',
          include: ['e2e/cluster/*.e2e.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 1_800_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'cluster',
          globalSetup: ['e2e/platform/global-cluster.ts'],
          include: ['e2e/platform/**/*.cluster.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 1_800_000,
          // They wait more than they work; those in alone/ wait for their turn.
          maxWorkers: 3,
        },
      },
    ],
  },
})

import { defineConfig } from 'vitest/config'

const folders = '{packages/*,detector,simulator}/src/**'
const costly = '{kafka,e2e,memory}'

// A test's file suffix says what it needs: nothing, a real Kafka, or the whole product as processes.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${folders}/*.test.ts`, '{bench,scripts}/**/*.test.ts'],
          exclude: [`**/*.${costly}.test.ts`, '**/node_modules/**'],
        },
      },
      {
        test: {
          name: 'kafka',
          globalSetup: ['packages/kafka/src/testing/global-broker.ts'],
          include: [`${folders}/*.kafka.test.ts`],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          // One broker for all files; on two cores more than one file at a time only slows all.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
})

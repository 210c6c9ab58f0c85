import { fileURLToPath } from 'node:url'

export const figuresFile = fileURLToPath(new URL('../../docs/reference/operator.md', import.meta.url))

/** What the operator uses while nothing changes. */
export interface Usage {
  /** Resident memory, MB (10^6 bytes). */
  residentMb: number
  /** CPU time, thousandths of a core. */
  milliCores: number
}

export interface Figures {
  /** Pipelines. */
  count: number
  atRest: Usage
  withAll: Usage
  /** From `kubectl apply` of all of them until the last is reconciled. */
  burst: { seconds: number; cpuSeconds: number }
}

/** docs/reference/operator.md. */
export function buildFigures({ count, atRest, withAll, burst }: Figures): string {
  const row = (what: string, { residentMb, milliCores }: Usage) => `| ${what} | ${residentMb.toFixed(0)} MB | ${milliCores.toFixed(0)} m |`
  return `# What the operator uses

<!-- Written by e2e/platform/alone/many-pipelines-at-once.cluster.test.ts: TIDEWATCH_E2E_WRITE_REFERENCE=true make e2e-long -->

One operator, as it measures itself (\`process_resident_memory_bytes\`, \`process_cpu_seconds_total\`), on a local cluster of two cores:

| | memory | CPU |
| --- | --- | --- |
${row('at rest', atRest)}
${row(`with ${count} pipelines, nothing changing`, withAll)}

To reconcile ${count} pipelines that are applied at once, each with four topics in Kafka, takes ${burst.seconds.toFixed(0)} s and ${burst.cpuSeconds.toFixed(1)} s of CPU.
The pipelines are paused, so that no detectors share the machine.
`
}

import { drawCurves, shorten } from './curve.ts'
import { computeExponent } from './exponent.ts'
import type { DeviceRow, PartitionRow, ScaleResult, SimulatorRow } from './messages.ts'

const kib = 1_024
/** Live memory of one device must stay below. */
const mostBytesPerDevice = 4 * kib
/** What a million devices must reach of what ten thousand do. */
const leastShare = 0.6
/** Records a second that one simulator process must send, and is to send. */
const simulatorGoals = { must: 100_000, aim: 250_000 }

/** Goals that are missed, as sentences; none where nothing was measured that has one. */
export function findMissed({ devices, simulator }: ScaleResult): string[] {
  const missed = devices.flatMap((row) => (row.devices < 10_000 || row.liveBytesPerDevice < mostBytesPerDevice ? [] : [`${whole(row.devices)} devices: ${(row.liveBytesPerDevice / kib).toFixed(2)} KiB a device, must be < 4 KiB`]))
  const share = computeShare(devices)
  if (share !== undefined && share < leastShare) missed.push(`1,000,000 devices: ${percent(share)} of the readings/s of 10,000, must be >= ${percent(leastShare)}`)
  for (const { recordsPerSecond } of simulator) if (recordsPerSecond < simulatorGoals.must) missed.push(`a simulator: ${whole(recordsPerSecond)} records/s, must be >= ${whole(simulatorGoals.must)}`)
  return missed
}

/** Readings per second of a million devices over those of ten thousand; undefined where not both were measured. */
export function computeShare(rows: readonly DeviceRow[]): number | undefined {
  const [few, many] = [10_000, 1_000_000].map((count) => rows.find(({ devices }) => devices === count))
  return few === undefined || many === undefined ? undefined : many.readingsPerCpuSecond / few.readingsPerCpuSecond
}

/** The printed tables with the exponents and the goals. */
export function renderScale(result: ScaleResult, about: string): string {
  const missed = findMissed(result)
  return [about, ...(result.devices.length > 0 ? ['', ...renderDevices(result.devices)] : []), ...(result.partitions.length > 0 ? ['', ...renderPartitions(result.partitions)] : []), ...(result.simulator.length > 0 ? ['', ...renderSimulator(result.simulator)] : []), ...missed.map((one) => `missed: ${one}`)].join('\n')
}

function renderDevices(rows: readonly DeviceRow[]): string[] {
  const header = ['devices', 'readings/CPU s', 'longest ms', 'live bytes/device', 'RSS bytes/device', 'peak RSS MiB', 'checkpoint MiB', 'bytes/device', 'written CPU ms', 'longest ms', 'restored CPU ms']
  const share = computeShare(rows)
  return [
    'Devices of one process, without a broker: bytes of records through 8 partitions\' topologies; windows of 60 s every 10 s, a reading a second, microClusters, six features',
    ...align([
      header,
      ...rows.map((row) => [
        whole(row.devices),
        whole(row.readingsPerCpuSecond),
        whole(row.longestStretchMs),
        whole(row.liveBytesPerDevice),
        whole(row.rssBytesPerDevice),
        whole(row.peakRssBytes / kib ** 2),
        (row.checkpointBytes / kib ** 2).toFixed(1),
        whole(row.checkpointBytes / row.devices),
        whole(row.checkpointCpuMs),
        whole(row.longestPieceMs),
        whole(row.restoreCpuMs),
      ]),
      ['exponent', ...exponents(rows)],
    ]),
    'longest: on the clock, of fifty readings with the windows that they closed, and of one piece of a checkpoint, garbage collections included: for so long nothing else is done.',
    'live: heap and buffers after a garbage collection, window and model. RSS has what the collector did not give back, too. checkpoint: all partitions, before compression.',
    ...(share === undefined ? [] : [`1,000,000 devices: ${percent(share)} of the readings per CPU second of 10,000.`]),
  ]
}

/** Of each column after the devices; totals, so 1 is as many times more as there are devices. */
function exponents(rows: readonly DeviceRow[]): string[] {
  const columns: ((row: DeviceRow) => number)[] = [
    (row) => row.readingsPerCpuSecond,
    (row) => row.longestStretchMs,
    (row) => row.liveBytesPerDevice,
    (row) => row.rssBytesPerDevice,
    (row) => row.peakRssBytes,
    (row) => row.checkpointBytes,
    (row) => row.checkpointBytes / row.devices,
    (row) => row.checkpointCpuMs,
    (row) => row.longestPieceMs,
    (row) => row.restoreCpuMs,
  ]
  return columns.map((of) => computeExponent(rows.map((row) => [row.devices, of(row)]))?.toFixed(2) ?? '-')
}

function renderPartitions(rows: readonly PartitionRow[]): string[] {
  return [
    'Partitions of the input, one detector process on a real broker, ExactlyOnce, 10,000 devices: from taking over its partitions to the end of the log',
    ...align([['partitions', 'readings/s'], ...rows.map((row) => [whole(row.partitions), whole(row.readingsPerSecond)]), ['exponent', computeExponent(rows.map((row) => [row.partitions, row.readingsPerSecond]))?.toFixed(2) ?? '-']]),
  ]
}

function renderSimulator(rows: readonly SimulatorRow[]): string[] {
  return [
    'One simulator process, system C as fast as it can, 8 partitions of a real broker, acks all: from its first record to the last acknowledgement',
    ...align([['records in the topic', 'records/s', 'must', 'aim'], ...rows.map(({ records, recordsPerSecond }) => [whole(records), whole(recordsPerSecond), whole(simulatorGoals.must), whole(simulatorGoals.aim)])]),
  ]
}

/** The curves of what was measured; undefined where a curve would have one point. */
export function drawScale({ devices, partitions }: ScaleResult): string | undefined {
  const panelOf = (title: string, xLabel: string, points: [number, number][], format: (y: number) => string) => ({ title, xLabel, points, format, exponent: computeExponent(points) })
  const byDevices = (of: (row: DeviceRow) => number) => devices.map((row): [number, number] => [row.devices, of(row)])
  const panels = [
    ...(devices.length < 2
      ? []
      : [
          panelOf('readings per CPU second', 'devices of one process', byDevices((row) => row.readingsPerCpuSecond), shorten),
          panelOf('live bytes per device', 'devices of one process', byDevices((row) => row.liveBytesPerDevice), shorten),
          panelOf('checkpoint, CPU ms', 'devices of one process', byDevices((row) => row.checkpointCpuMs), shorten),
        ]),
    ...(partitions.length < 2 ? [] : [panelOf('readings per second', 'partitions of the input', partitions.map((row) => [row.partitions, row.readingsPerSecond]), shorten)]),
  ]
  return panels.length === 0 ? undefined : drawCurves(panels)
}

/** Columns set right, two spaces between them. */
function align(cells: readonly (readonly string[])[]): string[] {
  const widths = cells[0]!.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)))
  return cells.map((row) => row.map((cell, i) => cell.padStart(widths[i]!)).join('  '))
}

const whole = (value: number): string => Math.round(value).toLocaleString('en')
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`

/** What a process that holds so many devices is started with. */
export interface DeviceStep {
  devices: number
  /** Input partitions of the one process; each has its own topology. */
  partitions: number
}

/** What it came to. */
export interface DeviceRow extends DeviceStep {
  /** Of the thread that works; other work on the machine does not make it less. */
  readingsPerCpuSecond: number
  /** The longest that fifty readings took on the clock, with the windows that they closed and the garbage collections in between. */
  longestStretchMs: number
  /** What lives on the heap and in buffers after a garbage collection, above what the process holds without devices. */
  liveBytesPerDevice: number
  /** The process' resident memory, above what it has without devices. */
  rssBytesPerDevice: number
  /** Of all partitions together, before compression. */
  checkpointBytes: number
  checkpointCpuMs: number
  /** The longest between two pieces of a checkpoint, on the clock: for so long nothing else is done. */
  longestPieceMs: number
  restoreCpuMs: number
  peakRssBytes: number
}

/** One detector process on a real broker. */
export interface PartitionRow {
  partitions: number
  readingsPerSecond: number
}

/** One simulator process on a real broker, as fast as it can. */
export interface SimulatorRow {
  /** Acknowledged, and counted in the topic afterwards. */
  records: number
  recordsPerSecond: number
}

/** The whole JSON. */
export interface ScaleResult {
  devices: DeviceRow[]
  partitions: PartitionRow[]
  simulator: SimulatorRow[]
}

/** When a detector first said that it has partitions, from its log; ms since the epoch. */
export function findTakeOver(log: string): number | undefined {
  for (const line of log.split('\n')) {
    if (!line.includes('"msg":"Took over partitions"')) continue
    const { time, partitions } = JSON.parse(line) as { time: string; partitions: readonly number[] }
    // In a group of several, one may at first be given nothing.
    if (partitions.length > 0) return Date.parse(time)
  }
  return undefined
}

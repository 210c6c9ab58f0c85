import type { OutputRecord } from '@tidewatch/kafka'

/**
 * Records of which each comes to exactly one dead letter with its bytes: what goes in can be counted and told apart at the other end,
 * and a backlog of them is as much to write as there can be.
 */
export function buildPoison(topic: string, partitions: number, count: number): OutputRecord[] {
  const padding = 'x'.repeat(200)
  return Array.from({ length: count }, (_, i) => ({ topic, partition: i % partitions, key: null, value: `poison ${i} ${padding}` }))
}

/** Which of so many were lost, and how many are there more than once. */
export function checkPoison(count: number, deadLetters: readonly string[]): { lost: number[]; repeated: number; strange: number } {
  const times = new Map<number, number>()
  let strange = 0
  for (const text of deadLetters) {
    const number = /^poison (\d+) /.exec(text)?.[1]
    if (number === undefined) strange++
    else times.set(Number(number), (times.get(Number(number)) ?? 0) + 1)
  }
  const lost = Array.from({ length: count }, (_, i) => i).filter((i) => !times.has(i))
  return { lost, repeated: [...times.values()].filter((one) => one > 1).length, strange }
}

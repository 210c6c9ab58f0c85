import type { Verdict } from '@tidewatch/detector'
import * as z from 'zod'

const numbers = z.record(z.string(), z.number())

const schema = z.object({
  id: z.string(),
  sensor_id: z.string().optional(),
  device_id: z.string().optional(),
  metric: z.string().nullable(),
  window_start: z.iso.datetime(),
  window_end: z.iso.datetime(),
  anomaly_score: z.number(),
  threshold: z.number().nullable(),
  is_anomaly: z.boolean(),
  held_back: z.string().optional(),
  features: numbers,
  contributions: numbers,
  expected: numbers.nullable(),
  model: z.object({ kind: z.string(), generation: z.number() }),
  offsets: z.object({ topic: z.string(), partition: z.int().min(0), first: z.int().min(0), last: z.int().min(0) }),
})

/** Reads the value of a record on a topic of verdicts; undefined for anything else that lies there. */
export function parseVerdict(text: string): Verdict | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data as Verdict | undefined
  } catch {
    return undefined
  }
}

export function deviceOf({ sensor_id: sensor, device_id: device }: Verdict): string {
  return sensor ?? device ?? ''
}

export function windowOf({ window_start: start, window_end: end }: Verdict): { startMs: number; endMs: number } {
  return { startMs: Date.parse(start), endMs: Date.parse(end) }
}

/** The 64 bits of a number, as 16 hexadecimal digits: two that print alike need not be the same. */
export function bitsOf(value: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes.toString('hex')
}

/** Paths in which two verdicts are not the same to the bit, such as `features.mean`; none where they are. */
export function findChanges(one: unknown, other: unknown, path = ''): string[] {
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
  if (!isObject(one) || !isObject(other)) return Object.is(one, other) ? [] : [path]
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return names.flatMap((name) => findChanges(one[name], other[name], path === '' ? name : `${path}.${name}`))
}

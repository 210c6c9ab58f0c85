import type { SimulatorConfig } from '@tidewatch/api'

/** Records after which a shard ends: its part of the fleet's `messages`; Infinity where the fleet has no such end. */
export function messageLimitOf({ messages, shards }: Pick<SimulatorConfig, 'messages' | 'shards'>, shard: number): number {
  if (messages === undefined) return Infinity
  return Math.floor(messages / shards) + (shard < messages % shards ? 1 : 0)
}

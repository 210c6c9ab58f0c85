import { codecs } from '../codecs/index.ts'
import { installCoordinatorCache } from './coordinator-cache.ts'
import { decodeMessages, FetchedBatch } from './fetched-batch.ts'
import { installHalfOpenBreak } from './half-open.ts'
import { installIdleTimer } from './idle-timer.ts'
import { isKnownVersion, replaceInside, requireKafkajs } from './insides.ts'
import { installJoinGroup } from './join-group.ts'
import { installOneSocket } from './one-socket.ts'
import { installOutOfRangeRecovery } from './out-of-range.ts'
import { groupMessagesPerPartition, produceRequest } from './produce-request.ts'
import { installReceive } from './receive.ts'
import { createRequest } from './request.ts'

// These are copied by name into the files that use them, so they have to be in place before kafkajs is loaded.
if (isKnownVersion) {
  replaceInside('protocol/requests/fetch/v4/decodeMessages', decodeMessages)
  replaceInside('consumer/batch', FetchedBatch)
  replaceInside('protocol/request', createRequest)
  replaceInside('protocol/requests/produce/v3/request', produceRequest)
  replaceInside('producer/groupMessagesPerPartition', groupMessagesPerPartition)
}

const kafkajs = requireKafkajs()

if (isKnownVersion) {
  installCoordinatorCache()
  installHalfOpenBreak()
  installIdleTimer()
  installJoinGroup()
  installOneSocket()
  installOutOfRangeRecovery()
  installReceive()
}
for (const { type, codec } of Object.values(codecs)) {
  if (codec !== undefined) kafkajs.CompressionCodecs[type as never] = (() => codec) as never
}

/** kafkajs, put right: everything in this package takes it from here, so that nothing runs without. */
export const { AssignerProtocol, Kafka, PartitionAssigners } = kafkajs

import { api, namesTopic, transactionalIdOf, type Request } from './requests.ts'

/** A request on its way to the broker, or the answer to it on its way back. Neither has been delivered yet. */
export interface Moment {
  side: 'request' | 'answer'
  request: Request
}

export interface Point {
  /** Where it lies, for a table. */
  label: string
  /** It is only passed by a detector that takes partitions over, so one has to be started for it. */
  isInTakeOver: boolean
  isReached: (moment: Moment, topics: Topics) => boolean
  /** What has to have been seen before; where there is none, the first time counts. */
  isPrepared?: (moment: Moment, topics: Topics) => boolean
}

/** What a detector writes to. */
export interface Topics {
  state: string
  scores: string
}

/**
 * The points of a detector's life at which something is done to it, told by what it says to the broker:
 *
 *     InitProducerId | Fetch state ... | Produce*  AddOffsetsToTxn  TxnOffsetCommit  EndTxn | Produce state
 *     ^beforeInit      ^whileRestoring            ^insideTransaction      ^afterOffsets    ^commitUnanswered
 *                                                                                            ^beforeCheckpoint
 */
export const points = {
  beforeInit: {
    label: 'before init',
    isInTakeOver: true,
    isReached: ({ side, request }) => side === 'request' && request.apiKey === api.initProducerId && transactionalIdOf(request) !== undefined,
  },
  whileRestoring: {
    label: 'while restoring',
    isInTakeOver: true,
    isReached: ({ side, request }, { state }) => side === 'answer' && request.apiKey === api.fetch && namesTopic(request, state),
  },
  insideTransaction: {
    label: 'inside a transaction',
    isInTakeOver: false,
    isReached: ({ side, request }) => side === 'answer' && request.apiKey === api.produce && transactionalIdOf(request) !== undefined,
  },
  afterOffsets: {
    label: 'after the offsets',
    isInTakeOver: false,
    isReached: ({ side, request }) => side === 'answer' && request.apiKey === api.txnOffsetCommit,
  },
  commitUnanswered: {
    label: 'before the answer to a commit',
    isInTakeOver: false,
    isReached: ({ side, request }) => side === 'answer' && request.apiKey === api.endTxn,
  },
  beforeCheckpoint: {
    label: 'between commit and checkpoint',
    isInTakeOver: false,
    isReached: ({ side, request }, { state }) =>
      side === 'request' && request.apiKey === api.produce && transactionalIdOf(request) === undefined && namesTopic(request, state),
  },
  beforePlainCommit: {
    label: 'between verdicts and a commit without transaction',
    isInTakeOver: false,
    // A commit before which nothing was written has nothing to repeat.
    isPrepared: ({ side, request }, { scores }) => side === 'answer' && request.apiKey === api.produce && namesTopic(request, scores),
    isReached: ({ side, request }) => side === 'request' && request.apiKey === api.offsetCommit,
  },
} as const satisfies Record<string, Point>

export type PointName = keyof typeof points

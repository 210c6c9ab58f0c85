import { defineError } from '@tidewatch/kit'

export const ContenderUnknown = defineError('CONTENDER_UNKNOWN', { retry: 'never' })

export const contenderNames = ['tidewatch', 'kafka-streams', 'flink', 'river', 'bare-loop'] as const
export type ContenderName = (typeof contenderNames)[number]

/** `None`: it writes nothing that could be lost. */
export type Guarantee = 'AtLeastOnce' | 'ExactlyOnce' | 'None'

/** A contender as it takes part: with one guarantee, on so many processes or threads. */
export interface Entrant {
  name: ContenderName
  guarantee: Guarantee
  workers: number
}

/** In the order of a round: whoever is compared runs one after the other, so that both meet the same machine. */
export const entrants: readonly Entrant[] = [
  ...([1, 2] as const).flatMap((workers) =>
    (['AtLeastOnce', 'ExactlyOnce'] as const).flatMap((guarantee) => (['tidewatch', 'kafka-streams', 'flink'] as const).map((name) => ({ name, guarantee, workers }))),
  ),
  { name: 'bare-loop', guarantee: 'None', workers: 1 },
  { name: 'river', guarantee: 'AtLeastOnce', workers: 1 },
]

/** `kafka-streams/ExactlyOnce/2`: what `--contender` and messages call it. */
export const idOf = ({ name, guarantee, workers }: Entrant): string => `${name}/${guarantee}/${workers}`

/**
 * Those that are named, by a whole id or the beginning of one (`flink`, `kafka-streams/ExactlyOnce`); all where none is.
 *
 * @throws ContenderUnknown
 */
export function chooseEntrants(names: readonly string[]): Entrant[] {
  const isNamed = (entrant: Entrant, name: string) => `${idOf(entrant)}/`.startsWith(`${name}/`)
  for (const name of names) {
    if (!entrants.some((one) => isNamed(one, name))) throw new ContenderUnknown(`There is no contender "${name}": name ${contenderNames.join(', ')}, or one of them with its guarantee and workers, such as ${idOf(entrants[1]!)}`)
  }
  return entrants.filter((one) => names.length === 0 || names.some((name) => isNamed(one, name)))
}

/** Reads the topic and nothing else. */
export const bareLoop = entrants.find(({ name }) => name === 'bare-loop')!

/**
 * The order of a round, counted from 1: there and back, so that nobody is always the first, and neighbours stay neighbours.
 */
export const orderOfRound = <One>(inOrder: readonly One[], round: number): One[] => (round % 2 === 1 ? [...inOrder] : inOrder.toReversed())

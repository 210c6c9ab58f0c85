import { defineError } from '@tidewatch/kit'
import { baselineContender, baselineNames } from './baselines.ts'
import type { Contender, Peers } from './contender.ts'
import { comparedModels, modelContender } from './models.ts'
import { openPeers } from './peers/registry.ts'

export const ContenderUnknown = defineError('CONTENDER_UNKNOWN', { retry: 'never' })

const none: Peers = { contenders: [], absent: [], close: async () => {} }

/**
 * Those who take part: our models, then baselines, then peers.
 *
 * @param names undefined: all.
 * @param options.withPeers false: nothing is started that needs Python or Java.
 * @throws ContenderUnknown listing the known names.
 */
export async function chooseContenders(names: readonly string[] | undefined, { withPeers }: { withPeers: boolean }): Promise<Peers> {
  const own: Contender[] = [...comparedModels.map(modelContender), ...baselineNames.map(baselineContender)]
  const others = names?.filter((name) => !own.some((one) => one.name === name))
  if (!withPeers && others !== undefined && others.length > 0) {
    throw new ContenderUnknown(`There is no model or baseline "${others[0]!}": name ${own.map(({ name }) => name).join(', ')}, or leave out --no-peers for a peer`)
  }
  const chosen = own.filter(({ name }) => names?.includes(name) ?? true)
  const peers = withPeers && others?.length !== 0 ? await openPeers({ names: others }) : none
  return { ...peers, contenders: [...chosen, ...peers.contenders] }
}

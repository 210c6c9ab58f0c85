import { hashString } from '@tidewatch/kit'
import type { AvailableModel } from '@tidewatch/api'
import { smallExtent, systemC, systemD, wholeExtent, type Scenario } from '../../scenarios.ts'
import { baselines, type BaselineName } from '../baselines.ts'
import type { Contender, Series } from '../contender.ts'
import { resolveModel, slowModels } from '../models.ts'
import { runContender, runOnline } from './replayed-models.ts'
import { nameOfRun, runFault, type FaultCounts, type FaultRun } from './run-fault.ts'

/** Whoever takes long for a window is given fewer of them: slow models, and peers, with baselines beside them. */
export const judgesLess = ({ name, kind }: Pick<Contender, 'name' | 'kind'>): boolean => kind !== 'model' || slowModels.includes(name)

/** Both systems, as much of them as a contender can be asked to judge. */
export function scenariosFor(contender: Pick<Contender, 'name' | 'kind'>): [Scenario, Scenario] {
  const extent = judgesLess(contender) ? smallExtent : wholeExtent
  return [systemC(extent), systemD(extent)]
}

/** Lets contenders judge runs. What was counted once is not counted again: two tables may show the same run. */
export class FaultRuns {
  readonly #captured = new Map<string, Series[]>()
  readonly #counted = new Map<string, FaultCounts | undefined>()

  /** @returns undefined for a contender without a boundary of its own. */
  async count(contender: Contender, run: FaultRun): Promise<FaultCounts | undefined> {
    const key = `${contender.name}: ${nameOfRun(run)}`
    if (!this.#counted.has(key)) this.#counted.set(key, await this.#judge(contender, run))
    return this.#counted.get(key)
  }

  async #judge(contender: Contender, run: FaultRun): Promise<FaultCounts | undefined> {
    switch (contender.kind) {
      case 'model':
        return runFault(run, { model: resolveModel(contender.name as AvailableModel).model })
      case 'baseline':
        return runOnline(run, (n) => baselines[contender.name as BaselineName](hashString(`${nameOfRun(run)} ${n}`)))
      case 'peer':
        return runContender(run, contender, this.#captured)
    }
  }
}

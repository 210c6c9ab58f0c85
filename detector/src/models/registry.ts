import { discord } from './discord.ts'
import type { DiscordParameters } from './discord.ts'
import { ensemble } from './ensemble.ts'
import type { EnsembleMode } from './ensemble/combine.ts'
import { halfSpaceTrees } from './half-space-trees.ts'
import type { HalfSpaceTreesParameters } from './half-space-trees.ts'
import type { ModelFactory } from './model.ts'
import { microClusters } from './micro-clusters.ts'
import type { MicroClustersParameters } from './micro-clusters.ts'
import type { Given } from './parameters.ts'
import { randomCutForest } from './random-cut-forest.ts'
import type { RandomCutForestParameters } from './random-cut-forest.ts'
import { robustZScore } from './robust-z-score.ts'
import type { RobustZScoreParameters } from './robust-z-score.ts'
import { seasonal } from './seasonal.ts'
import type { SeasonalParameters } from './seasonal.ts'
import { subspace } from './subspace.ts'
import type { SubspaceParameters } from './subspace.ts'

/** What each model is told by a manifest; what is left out has the model's own default. */
export interface ParametersByModel extends ParametersBySingleModel {
  ensemble: { mode: EnsembleMode }
}

/** The same of the models that an ensemble's members may be. */
export interface ParametersBySingleModel {
  microClusters: MicroClustersParameters
  randomCutForest: RandomCutForestParameters
  halfSpaceTrees: HalfSpaceTreesParameters
  robustZScore: RobustZScoreParameters
  seasonal: SeasonalParameters
  subspace: SubspaceParameters
  discord: DiscordParameters
}

type Makers<Parameters> = { readonly [Name in keyof Parameters]: (parameters?: Given<Parameters[Name]>) => ModelFactory }

/** Every model that judges alone, under its name in the manifest. */
export const singleModelFactories: Makers<ParametersBySingleModel> = {
  microClusters,
  randomCutForest,
  halfSpaceTrees,
  robustZScore,
  seasonal,
  subspace,
  discord,
}

/** An ensemble's members where none are given: three that err in different ways, by clusters, feature by feature, and by density. */
export const defaultMembers = ['microClusters', 'robustZScore', 'halfSpaceTrees'] as const satisfies readonly (keyof ParametersBySingleModel)[]

/** Every model that can be made. An ensemble made here has the default members; `createFactories` gives it those of a manifest. */
export const modelFactories: Makers<ParametersByModel> = {
  ...singleModelFactories,
  ensemble: ({ mode } = {}) => ensemble(defaultMembers.map((name) => singleModelFactories[name]()), mode),
}

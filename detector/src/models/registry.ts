import type { ModelFactory } from './model.ts'
import { microClusters } from './micro-clusters.ts'
import type { MicroClustersParameters } from './micro-clusters.ts'
import type { Given } from './parameters.ts'
import { robustZScore } from './robust-z-score.ts'
import type { RobustZScoreParameters } from './robust-z-score.ts'

/** What each model is told by a manifest; what is left out has the model's own default. */
export interface ParametersByModel {
  microClusters: MicroClustersParameters
  robustZScore: RobustZScoreParameters
}

/** Every model that can be made, under its name in the manifest. */
export const modelFactories: { readonly [Name in keyof ParametersByModel]: (parameters?: Given<ParametersByModel[Name]>) => ModelFactory } = {
  microClusters,
  robustZScore,
}

import { checkModel } from '../testing/check-model.ts'
import { microClusters } from './micro-clusters.ts'

checkModel('microClusters', microClusters())
checkModel('microClusters of two clusters after a warm-up of nine', microClusters({ warmUp: 9, maxClusters: 2, decay: 20 }), 20_000)

export { ensureBinaries, type Binaries, type Component } from './binaries.ts'
export { ClusterUnreachable, ImageNotLoaded, type Cluster } from './cluster.ts'
export { obtainCluster } from './obtain.ts'

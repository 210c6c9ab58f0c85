import { defineError } from '@tidewatch/kit'

/** A Kubernetes to run stories on, whoever made it. */
export interface Cluster {
  /** `given`: somebody's own; `kind`: in a Docker engine; `local`: on this machine, see `local.ts`. */
  kind: 'given' | 'kind' | 'local'
  /** The file of an administrator's kubeconfig. */
  kubeconfig: string
  /** The file of the API server's audit log, one JSON object a line; only of a local one. */
  auditLog?: string
  /**
   * Puts an image where the cluster's nodes find it under its own name, without a registry.
   *
   * @param tar a docker-archive, as `docker save` writes it.
   * @throws ImageNotLoaded
   */
  loadImage: (tar: string) => Promise<void>
  /** Whether `stop` ends the cluster itself, with all that is in it. */
  endsWithStop: boolean
  /** Ends what was started for this object; one that was there before stays. */
  stop: () => Promise<void>
}

/** The kubeconfig leads to no cluster that answers. */
export const ClusterUnreachable = defineError('CLUSTER_UNREACHABLE', { retry: 'never' })

/** The nodes did not get the image. */
export const ImageNotLoaded = defineError('IMAGE_NOT_LOADED', { retry: 'never' })

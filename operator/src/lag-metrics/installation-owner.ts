import { messageOf, type Logger } from '@tidewatch/kit'
import { apiVersionOf, Forbidden, resources, type Kube, type KubeObject, type OwnerReference } from '@tidewatch/kube'
import { isKubeError } from './kube-code.ts'

/**
 * Whose what the operator makes for itself is. It is the ClusterRole of the installation: what belongs to no namespace can
 * only be owned by such an object, and this one goes when the installation goes.
 */
export interface InstallationOwner {
  /** Undefined where none is known; read anew each time, because a role that was made again is another owner. @throws the errors of packages/kube but Forbidden */
  read(): Promise<OwnerReference | undefined>
  /** Writes with the owner; where the API server refuses that (OwnerReferencesPermissionEnforcement) without, from then on. */
  write<Result>(owner: OwnerReference | undefined, write: (owner: OwnerReference | undefined) => Promise<Result>): Promise<Result>
}

/** @param clusterRole undefined: nothing has an owner, and what is made stays after an uninstall. */
export function createInstallationOwner({ kube, clusterRole, log }: { kube: Kube; clusterRole: string | undefined; log: Logger }): InstallationOwner {
  let isRefused = false
  let told: string | undefined
  const tellOnce = (why: string): undefined => {
    if (told !== why) log.warn({ clusterRole, why }, 'APIService and certificate of the lag metrics have no owner and will stay after an uninstall')
    told = why
  }
  return {
    async read() {
      if (clusterRole === undefined || isRefused) return undefined
      try {
        const role = await kube.read(resources.clusterRoles, { name: clusterRole })
        if (role?.metadata.uid === undefined) return tellOnce(`there is no ClusterRole ${clusterRole}`)
        told = undefined
        return { apiVersion: apiVersionOf(resources.clusterRoles), kind: resources.clusterRoles.kind, name: clusterRole, uid: role.metadata.uid }
      } catch (error) {
        if (!isKubeError(error, Forbidden)) throw error
        return tellOnce(messageOf(error))
      }
    },
    async write(owner, write) {
      try {
        return await write(owner)
      } catch (error) {
        if (owner === undefined || !isKubeError(error, Forbidden)) throw error
        const written = await write(undefined)
        // Only now: had this been refused as well, the owner was not what it was about.
        isRefused = true
        tellOnce(messageOf(error))
        return written
      }
    },
  }
}

/** True where there is nothing to own it, or this very owner does. */
export function isOwnedBy({ metadata }: KubeObject, owner: OwnerReference | undefined): boolean {
  return owner === undefined || (metadata.ownerReferences?.some(({ uid }) => uid === owner.uid) ?? false)
}

import { AppError, defineError } from '@tidewatch/kit'

/** 409 on a server-side apply: another field manager owns what we want to set; the message names both. */
export const FieldConflict = defineError('KUBE_FIELD_CONFLICT', { retry: 'backoff' })
/** 409 on a write: the object has changed since it was read, or is another one of the same name. */
export const WriteConflict = defineError('KUBE_WRITE_CONFLICT', { retry: 'backoff' })
/** 409 on a create. */
export const AlreadyExists = defineError('KUBE_ALREADY_EXISTS', { retry: 'backoff' })
/** 410: the version of a watch or of the next page is gone; list again. */
export const ResourceExpired = defineError('KUBE_RESOURCE_EXPIRED', { retry: 'backoff' })
/** 404 on a write, or on a resource that the server does not know. */
export const NotFound = defineError('KUBE_NOT_FOUND', { retry: 'backoff' })
/** 422 or 400: the server refuses the object as it is. */
export const ObjectInvalid = defineError('KUBE_OBJECT_INVALID', { retry: 'never' })
/** 403: RBAC, a quota or admission; the message says which. */
export const Forbidden = defineError('KUBE_FORBIDDEN', { retry: 'backoff' })
/** 401. */
export const Unauthorized = defineError('KUBE_UNAUTHORIZED', { retry: 'backoff' })
/** No answer, a broken connection, or a server in trouble (5xx). */
export const KubeUnreachable = defineError('KUBE_UNREACHABLE', { retry: 'backoff' })
/** No kubeconfig, or one that says too little to find and enter a cluster. */
export const KubeConfigInvalid = defineError('KUBE_CONFIG_INVALID', { retry: 'never' })

/** 429, or 503 with `Retry-After`: the server asks us to wait. `retry` is `{ afterMs }` where it says how long. */
export class ServerBusy extends AppError {
  static readonly code = 'KUBE_SERVER_BUSY'

  constructor(message: string, { afterMs, ...options }: ErrorOptions & { afterMs?: number | undefined } = {}) {
    super(ServerBusy.code, afterMs === undefined ? 'backoff' : { afterMs }, message, options)
  }
}

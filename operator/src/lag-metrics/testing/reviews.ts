import type { Kube, KubeObject } from '@tidewatch/kube'

/** The API server's answers to reviews: who has which token, and who may do what. */
export class Reviewer implements Pick<Kube, 'create'> {
  readonly tokens = new Map<string, { username: string; groups: string[] }>()
  /** By user: what of `verb resource namespace` or `verb path` is allowed. */
  readonly rights = new Map<string, string[]>()
  readonly asked: KubeObject[] = []
  isDown = false

  create(_: unknown, object: KubeObject): Promise<KubeObject> {
    if (this.isDown) return Promise.reject(new Error('the API server does not answer'))
    this.asked.push(object)
    return Promise.resolve({ ...object, status: object.kind === 'TokenReview' ? this.#reviewToken(object) : this.#reviewAccess(object) })
  }

  #reviewToken({ spec }: KubeObject): object {
    const user = this.tokens.get((spec as { token: string }).token)
    return user === undefined ? { authenticated: false, user: {} } : { authenticated: true, user }
  }

  #reviewAccess({ spec }: KubeObject): object {
    const { user, resourceAttributes: resource, nonResourceAttributes: path } = spec as { user: string; resourceAttributes?: Record<string, string>; nonResourceAttributes?: Record<string, string> }
    const what = resource === undefined ? `${path?.verb} ${path?.path}` : `${resource.verb} ${resource.resource} ${resource.namespace}`
    return this.rights.get(user)?.includes(what) === true ? { allowed: true } : { allowed: false, reason: 'no role allows it' }
  }
}

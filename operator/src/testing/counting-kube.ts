import { KubeUnreachable, resources, type Kube, type Resource } from '@tidewatch/kube'

/** A `Kube` that counts the writes that pass through it (those of Leases apart, which never rest), and can break off at one of them. */
export interface CountingKube extends Kube {
  writes: number
  /** Each of them, as it was asked for: what and JSON of the object or its name. */
  written: string[]
  /** This write and no other fails, before it reaches the server. */
  failAtWrite: number | undefined
}

export function countWrites(kube: Kube): CountingKube {
  const counted = <Args extends [Resource, ...unknown[]], Answer>(write: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      if (args[0].kind === resources.leases.kind) return write(...args)
      counting.writes++
      counting.written.push(`${args[0].kind} ${JSON.stringify(args[1])}`)
      if (counting.writes === counting.failAtWrite) throw new KubeUnreachable('the connection broke (injected)')
      return write(...args)
    }
  const counting: CountingKube = {
    writes: 0,
    written: [],
    failAtWrite: undefined,
    read: (...args) => kube.read(...args),
    list: (...args) => kube.list(...args),
    watch: (...args) => kube.watch(...args),
    listVersions: (...args) => kube.listVersions(...args),
    apply: counted((...args) => kube.apply(...args)),
    applyStatus: counted((...args) => kube.applyStatus(...args)),
    create: counted((...args) => kube.create(...args)),
    update: counted((...args) => kube.update(...args)),
    delete: counted((...args) => kube.delete(...args)),
  }
  return counting
}

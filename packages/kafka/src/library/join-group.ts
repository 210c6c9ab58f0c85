import { replaceInside, requireInside } from './insides.ts'

/** What a member may say beside the name and the metadata of a protocol: kafkajs hands it on untouched. */
export interface GroupProtocol {
  name: string
  metadata: Buffer
  /** Static membership (KIP-345): a process that comes back under this id within the session is given what it had, without a rebalance. */
  groupInstanceId?: string | undefined
  /** Told of the generation that the member has joined, before what it is given is known. */
  onGeneration?: ((generation: number) => void) | undefined
}

interface JoinRequest {
  groupInstanceId?: string | null
  groupProtocols: GroupProtocol[]
}

interface Broker {
  joinGroup: (this: Broker, request: JoinRequest) => Promise<{ generationId: number }>
}

/**
 * kafkajs' consumers neither name a static member, though its requests could, nor tell which generation they are in.
 *
 * @see https://github.com/tulios/kafkajs/issues/884
 */
export function installJoinGroup(): void {
  const path = 'protocol/requests/joinGroup/v5/request'
  const buildRequest = requireInside<(request: JoinRequest) => unknown>(path)
  replaceInside(path, (request: JoinRequest) => buildRequest({ ...request, groupInstanceId: request.groupProtocols[0]?.groupInstanceId ?? null }))

  const { prototype } = requireInside<{ prototype: Broker }>('broker')
  const join = prototype.joinGroup
  prototype.joinGroup = async function (this: Broker, request: JoinRequest) {
    const answer = await join.call(this, request)
    for (const { onGeneration } of request.groupProtocols) onGeneration?.(answer.generationId)
    return answer
  }
}

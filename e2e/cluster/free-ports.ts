import { createServer, type AddressInfo, type Server } from 'node:net'

/** Ports of the loopback that nobody listens on at this moment, all different. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers: Server[] = []
  try {
    // All held at once: ports given back one by one could come out the same.
    for (let i = 0; i < count; i++) {
      const server = createServer()
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
      servers.push(server)
    }
    return servers.map((server) => (server.address() as AddressInfo).port)
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

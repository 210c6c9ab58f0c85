/** Lets the event loop do whatever waits: timers, sockets, other work. A long computation calls it now and then. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

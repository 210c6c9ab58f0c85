/**
 * What Node.js is told when a detector is started, wherever that is: in its image, by `tidewatch up`, by the benchmarks.
 *
 * By itself V8 takes a quarter of the memory (of the container's limit, where there is one) for objects, and 4 GiB at most; beyond that the process
 * ends however much is free. Of a detector's state about half is objects and half is numbers beside the heap, so half is for objects.
 *
 * A larger young generation is not asked for: with 16 and with 64 MiB a hundred thousand devices took in as many readings as without, within what two runs differ by.
 */
export const nodeFlags = ['--max-old-space-size-percentage=50'] as const

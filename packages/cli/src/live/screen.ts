import { createLogUpdate } from 'log-update'
import type { Terminal } from '../commands/terminal.ts'
import type { Anomaly } from '../run/anomaly.ts'
import { renderFrame } from './frame.ts'
import { LineLimit, renderAnomaly, renderLine } from './lines.ts'
import type { LiveView } from './view.ts'

/** Where a run is watched. */
export interface Screen {
  /** Milliseconds between two calls of `show`. */
  readonly intervalMs: number
  show(view: LiveView): void
  anomaly(anomaly: Anomaly): void
  /** Something that a person should know, at once. */
  notice(text: string): void
  /** Leaves the last picture where it is. */
  close(): void
}

export function createScreen(terminal: Terminal, drawing: { draw(frame: string): void; done(): void } = terminalDrawing()): Screen {
  return terminal.isInteractive ? new TableScreen(terminal, drawing) : new LineScreen(terminal)
}

function terminalDrawing(): { draw(frame: string): void; done(): void } {
  let update: ReturnType<typeof createLogUpdate> | undefined
  return {
    draw: (frame) => {
      update ??= createLogUpdate(process.stdout)
      update(frame)
    },
    done: () => update?.done(),
  }
}

/** A table that is drawn over itself. */
class TableScreen implements Screen {
  readonly intervalMs = 400
  readonly #terminal: Terminal
  readonly #drawing: { draw(frame: string): void; done(): void }

  constructor(terminal: Terminal, drawing: { draw(frame: string): void; done(): void }) {
    this.#terminal = terminal
    this.#drawing = drawing
  }

  show(view: LiveView): void {
    const { palette } = this.#terminal
    this.#drawing.draw(renderFrame(view, { columns: this.#terminal.columns(), rows: this.#terminal.rows(), palette }))
  }

  anomaly(): void {}

  // Notices are part of the table.
  notice(): void {}

  close(): void {
    this.#drawing.done()
  }
}

const anomaliesPerInterval = 5

/** Plain lines, for a log or a pipe. */
class LineScreen implements Screen {
  readonly intervalMs = 5_000
  readonly #terminal: Terminal
  readonly #limit = new LineLimit(anomaliesPerInterval)
  #pipelines = 1

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  show(view: LiveView): void {
    this.#pipelines = view.pipelines.length
    this.#terminal.out(renderLine(view))
    const hidden = this.#limit.reset()
    if (hidden > 0) this.#terminal.out(`anomaly ... and ${hidden} more`)
  }

  anomaly(anomaly: Anomaly): void {
    if (this.#limit.allow()) this.#terminal.out(renderAnomaly(anomaly, this.#pipelines > 1))
  }

  notice(text: string): void {
    this.#terminal.out(text)
  }

  close(): void {
    const hidden = this.#limit.reset()
    if (hidden > 0) this.#terminal.out(`anomaly ... and ${hidden} more`)
  }
}

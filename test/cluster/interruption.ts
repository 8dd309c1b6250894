// Undoes what is half done when a person presses Ctrl-C or the process is told to stop.

type Undo = () => Promise<unknown>;

const undoing: Undo[] = [];
let state: 'idle' | 'listening' | 'stopping' = 'idle';

/** Registers work to undo on SIGINT, SIGTERM or SIGHUP (last registered, first undone); the answer takes it off the list. */
export function undoOnInterrupt(undo: Undo): () => void {
  listen();
  undoing.push(undo);
  return () => {
    const index = undoing.indexOf(undo);
    if (index >= 0) undoing.splice(index, 1);
  };
}

/** Whether a signal has come and things are being undone: failures are then consequences. */
export function interrupted(): boolean {
  return state === 'stopping';
}

function listen(): void {
  if (state !== 'idle') return;
  state = 'listening';
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(signal));
}

/** A second signal is ignored: Ctrl-C reaches this process both from the terminal and from the process that started it. */
async function stop(signal: NodeJS.Signals): Promise<void> {
  if (state === 'stopping') return;
  state = 'stopping';
  process.stderr.write(`${signal}: cleaning up ...\n`);
  for (let undo = undoing.pop(); undo !== undefined; undo = undoing.pop()) {
    try {
      await undo();
    } catch (error) {
      process.stderr.write(`clean-up failed: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  process.exit(130);
}

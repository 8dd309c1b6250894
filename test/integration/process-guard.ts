// Ends processes together with this one, however it ends: a killed test run must not leave an etcd behind.
import { spawn } from 'node:child_process';

/** Waits for its standard input to close, then kills the processes and removes the directory that it was given. */
const script = `
directory=$1; shift
cat >/dev/null
set -- "$@" $(cat "$directory"/*.pid 2>/dev/null)
kill -KILL "$@" 2>/dev/null
for pid in "$@"; do while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done; done
rm -rf "$directory"
`;

/**
 * Puts a shell on guard that kills `pids`, and those that files `*.pid` in `directory` hold by then, and removes
 * `directory` when this process ends or calls the returned function, which resolves when all is done.
 */
export function guardProcesses(directory: string, pids: readonly number[]): () => Promise<void> {
  const command = ['-c', script, 'sh', directory, ...pids.map(String)];
  const guard = spawn('sh', command, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = new Promise<void>((resolve, reject) => {
    guard.once('exit', () => resolve());
    guard.once('error', reject);
  });
  guard.unref();
  return () => {
    guard.ref();
    guard.stdin.end();
    return ended;
  };
}

// kubectl commands that go on for a while: what they print arrives line by line, and they can be stopped.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import type { Cluster } from '../../test/cluster/cluster-type.ts';
import { undoOnInterrupt } from '../../test/cluster/interruption.ts';

/** A kubectl that runs. */
export interface KubectlStream {
  readonly lines: AsyncIterable<string>;
  readonly input: Writable;
  /** Ends kubectl; harmless when it has ended. */
  stop(): void;
  /** Settles when kubectl has ended: rejects with its last words when it failed without having been stopped. */
  readonly ended: Promise<void>;
}

/** Starts kubectl against `cluster`. */
export function streamKubectl(cluster: Cluster, args: readonly string[]): KubectlStream {
  const context = cluster.context === undefined ? [] : [`--context=${cluster.context}`];
  const child = spawn(
    join(cluster.toolsPath, 'kubectl'),
    [`--kubeconfig=${cluster.kubeconfigPath}`, ...context, ...args],
    { detached: true, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let stopped = false;
  const lastWords: string[] = [];
  const stop = () => {
    stopped = true;
    child.kill();
  };
  const forget = undoOnInterrupt(() => Promise.resolve(stop()));
  createInterface(child.stderr).on('line', (line) => lastWords.push(line));
  child.stdin.on('error', (error) => lastWords.push(`standard input: ${error.message}`));
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (stopped || code === 0) return resolve();
      reject(new Error(`kubectl ${args.slice(0, 3).join(' ')} failed: ${lastWords.slice(-4).join(' ')}`));
    });
  }).finally(forget);
  ended.catch((error: unknown) => lastWords.push(String(error)));
  return { lines: createInterface(child.stdout), input: child.stdin, stop, ended };
}

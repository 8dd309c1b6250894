// The operator as a process of its own: started as its image starts it, killed as a machine dies.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundleOperator } from '@sluice/operator/build.ts';
import { undoOnInterrupt } from '../../cluster/interruption.ts';
import { startLogged } from '../../integration/logged-process.ts';
import { writeIdentity } from '../world/played-hop.ts';

/** Bundles the operator as its image holds it. @returns what Node is to run; later changes of the sources do not matter. */
export async function buildOperator(directory: string): Promise<string> {
  await bundleOperator(directory);
  await writeIdentity(join(directory, identityName));
  return join(directory, 'main.mjs');
}

const identityName = 'identity';

/** Where the operators of this bundle find what gateways know them by: each has it from its start. */
export const identityDirectory = (operatorPath: string) => join(dirname(operatorPath), identityName);

/** Where an operator finds its cluster, and what it serves. */
export interface OperatorPlace {
  /** As `buildOperator` returned it. */
  readonly operatorPath: string;
  readonly namespace: string;
  /** Kubeconfig of the fault proxy. */
  readonly kubeconfigPath: string;
  readonly xdsPort: number;
  readonly statusPort: number;
  /** File for the log of this one process. */
  readonly logPath: string;
}

/** One process. */
export class OperatorProcess {
  readonly #child: ChildProcess;
  readonly #forget: () => void;

  constructor(place: OperatorPlace) {
    this.#child = startLogged(place.logPath, [process.execPath, place.operatorPath], settings(place));
    this.#forget = undoOnInterrupt(() => this.kill());
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#forget();
    if (this.hasEnded) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

const settings = ({ operatorPath, namespace, kubeconfigPath, xdsPort, statusPort }: OperatorPlace) => ({
  KUBECONFIG: kubeconfigPath,
  SLUICE_WATCH_NAMESPACE: namespace,
  POD_NAMESPACE: namespace,
  POD_NAME: 'sluice-operator',
  SLUICE_IDENTITY_DIRECTORY: identityDirectory(operatorPath),
  SLUICE_TRAINER_IMAGE: 'trainer:1',
  SLUICE_SERVER_IMAGE: 'server:1',
  SLUICE_GATEWAY_IMAGE: 'envoy:1',
  // Part of what the gateway starts from, and so the same in every run; played gateways know the port themselves.
  SLUICE_XDS_ADDRESS: 'operator:18000',
  SLUICE_XDS_PORT: String(xdsPort),
  SLUICE_STATUS_PORT: String(statusPort),
  // Hundreds of processes are started: the second one need not compile again what the first has.
  NODE_COMPILE_CACHE: join(tmpdir(), 'sluice-compile-cache'),
});

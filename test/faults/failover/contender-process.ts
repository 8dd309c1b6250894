// One contending process behind a proxy of its own, so that its link can be broken and its writes are known to be its.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type ApiRequest, field, parseJson } from '../proxy/api-request.ts';
import { type FaultProxy, startFaultProxy } from '../proxy/fault-proxy.ts';
import { isAccepted, type RecordedRequest } from '../proxy/record.ts';
import type { CommittedWrite } from './holder-history.ts';
import type { Order } from './order.ts';

/** A process and its way to the apiserver. */
export class ContenderProcess {
  readonly identity: string;
  readonly proxy: FaultProxy;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #said = '';

  constructor(proxy: FaultProxy, order: Order) {
    this.identity = order.identity;
    this.proxy = proxy;
    const program = join(import.meta.dirname, 'contender.ts');
    this.#child = spawn(process.execPath, [program, JSON.stringify(order)], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#exited = once(this.#child, 'exit');
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#said += text.toString('utf8');
    });
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Exit code or signal, and what it said at last. */
  get end(): string {
    return `${this.#child.exitCode ?? this.#child.signalCode} ${this.#said.slice(-500)}`;
  }

  signal(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  /** Resolves when the process has ended. */
  async exited(): Promise<void> {
    await this.#exited;
  }

  /** Whether it asks for the lease. */
  get competes(): boolean {
    return this.proxy.requests({ resource: 'leases' }).some(({ status }) => status > 0);
  }

  /** What it wrote and the apiserver carried out: of the lease, or of everything else. */
  history(what: 'lease' | 'rest'): CommittedWrite[] {
    const isMeant = ({ resource }: ApiRequest) => (resource === 'leases') === (what === 'lease');
    return this.proxy.writes({ when: isMeant }).flatMap((write) => {
      const { resourceVersion } = write;
      if (resourceVersion === undefined || !isAccepted(write)) return [];
      const text = `${write.at} ${write.verb} ${write.resource}/${write.name}`;
      const committed = { writer: this.identity, version: BigInt(resourceVersion), what: text };
      return [what === 'lease' ? { ...committed, holder: holderIn(write) } : committed];
    });
  }

  /** Ends process and proxy. */
  async stop(): Promise<void> {
    if (this.isAlive) this.signal('SIGKILL');
    await this.exited();
    await this.proxy.stop();
  }
}

/** Starts a process; it needs about a second before it competes. */
export async function startContender(
  kubeconfig: string,
  order: Omit<Order, 'server' | 'kubeconfig'>,
): Promise<ContenderProcess> {
  const proxy = await startFaultProxy({ kubeconfig, keepBodies: true });
  return new ContenderProcess(proxy, { ...order, server: proxy.url, kubeconfig: proxy.kubeconfigPath });
}

function holderIn({ requestBody = '' }: RecordedRequest): string {
  const holder = field(field(parseJson(requestBody), 'spec'), 'holderIdentity');
  return typeof holder === 'string' ? holder : '';
}

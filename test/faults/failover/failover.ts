// Plays rounds in which the leader is killed, told to stop, frozen or cut off, and judges who wrote in them.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import type { LeaseTiming } from '@sluice/operator/kube/lease/lease-decision.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { type ContenderProcess, startContender } from './contender-process.ts';
import { type CommittedWrite, judge } from './holder-history.ts';
import { objects } from './order.ts';

/**
 * What happens to the leader: it dies; it is asked to stop; it stands still for twice the lease and goes on; nothing
 * that it sends or is sent arrives for twice the lease.
 */
export type Blow = 'kill' | 'terminate' | 'freeze' | 'cut';

/** A process that is started on a busy machine competes by then. */
const startsWithinMs = 120_000;

export const BLOWS: readonly Blow[] = ['kill', 'terminate', 'freeze', 'cut'];

/** Where and how often. */
export interface FailoverOptions {
  readonly kubeconfig: string;
  readonly client: KubeClient;
  readonly rounds: readonly Blow[];
  readonly timing: LeaseTiming;
  /** Told of each round, for people. */
  readonly say?: (line: string) => void;
}

/** One round. */
export interface FailoverRound {
  readonly blow: Blow;
  /** From the blow until another process held the lease. */
  readonly handOverMs: number;
}

/** What all rounds together have shown. */
export interface FailoverReport {
  readonly rounds: readonly FailoverRound[];
  /** Writes other than of the lease. */
  readonly writes: number;
  readonly byNonHolders: readonly CommittedWrite[];
  /** Changes of the holder, to nobody included. */
  readonly terms: number;
}

/** Rejects when a round does not end as it must: nobody takes over, or the old leader goes on. */
export async function playFailover(options: FailoverOptions): Promise<FailoverReport> {
  const field = new Field(options, await makeNamespace(options.client));
  try {
    const rounds: FailoverRound[] = [];
    for (const blow of options.rounds) {
      const round = await field.play(blow);
      options.say?.(`${blow}: another process leads after ${round.handOverMs} ms`);
      rounds.push(round);
    }
    const { writes, byNonHolders, terms } = judge([...field.history('lease'), ...field.history('rest')]);
    return { rounds, writes, byNonHolders, terms: terms.length };
  } finally {
    await field.stop();
  }
}

async function makeNamespace(client: KubeClient): Promise<string> {
  const metadata = { name: `failover-${randomBytes(4).toString('hex')}` };
  await client.create(RESOURCES.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata });
  return metadata.name;
}

/** Two processes that live, and those that have been. One that dies is replaced at once. */
class Field {
  readonly #options: FailoverOptions;
  readonly #namespace: string;
  readonly #all: ContenderProcess[] = [];

  constructor(options: FailoverOptions, namespace: string) {
    this.#options = options;
    this.#namespace = namespace;
  }

  /** Ends with two live processes of which one leads and writes. */
  async play(blow: Blow): Promise<FailoverRound> {
    await this.#until('two processes compete', () => this.#alive().filter(({ competes }) => competes).length >= 2);
    const leader = await this.#leader();
    await this.#until('the leader writes', () => written([leader]) > 0 || !leader.isAlive);
    const startedMs = performance.now();
    const recover = strike(leader, blow);
    await this.#until('another process leads', () => this.#holder() !== leader.identity && this.#holder() !== '');
    const handOverMs = Math.round(performance.now() - startedMs);
    const writtenByOthers = () => written(this.#all.filter((each) => each !== leader));
    const before = writtenByOthers();
    // Twice around, so each object has another version than the old leader has seen.
    await this.#until('the new leader writes', () => writtenByOthers() >= before + 2 * objects);
    const lasted = performance.now() - startedMs;
    if (recover !== undefined) await delay(Math.max(0, 2_000 * this.#options.timing.leaseSeconds - lasted));
    recover?.();
    await this.#until('the old leader ends', () => !leader.isAlive);
    return { blow, handOverMs };
  }

  history(what: 'lease' | 'rest'): CommittedWrite[] {
    return this.#all.flatMap((each) => each.history(what));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map((each) => each.stop()));
  }

  /** As a Deployment does. */
  async #replaceDead(): Promise<void> {
    const { kubeconfig, timing } = this.#options;
    while (this.#alive().length < 2) {
      const identity = `contender-${this.#all.length + 1}`;
      this.#all.push(await startContender(kubeconfig, { namespace: this.#namespace, identity, timing }));
    }
  }

  #alive(): ContenderProcess[] {
    return this.#all.filter(({ isAlive }) => isAlive);
  }

  #holder(): string {
    return judge(this.history('lease')).terms.at(-1)?.holder ?? '';
  }

  async #leader(): Promise<ContenderProcess> {
    const find = () => this.#alive().find(({ identity }) => identity === this.#holder());
    await this.#until('somebody leads', () => find() !== undefined);
    return find() ?? this.#leader();
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    const limitMs = startsWithinMs + 3_000 * this.#options.timing.leaseSeconds;
    const startedMs = performance.now();
    while (!condition()) {
      if (performance.now() - startedMs > limitMs) {
        const ends = this.#all.map(({ identity, isAlive, end }) => `${identity}: ${isAlive ? 'alive' : end}`);
        throw new Error(`Not within ${limitMs} ms: ${what}. ${ends.join('; ')}`);
      }
      await this.#replaceDead();
      await delay(20);
    }
  }
}

const written = (contenders: readonly ContenderProcess[]): number =>
  contenders.reduce((sum, each) => sum + each.history('rest').length, 0);

/** Returns what undoes it, for what can be undone. */
function strike(leader: ContenderProcess, blow: Blow): (() => void) | undefined {
  if (blow === 'kill') leader.signal('SIGKILL');
  else if (blow === 'terminate') leader.signal('SIGTERM');
  else if (blow === 'freeze') {
    leader.signal('SIGSTOP');
    return () => leader.signal('SIGCONT');
  } else {
    leader.proxy.setLink('silent');
    return () => leader.proxy.setLink('up');
  }
  return undefined;
}

// Malformed HTTP through a real gateway to a real model server for a while, and what came of it.
import { revisionName } from '@sluice/operator/core/names.ts';
import { say } from './client.ts';
import { conversation } from './conversation.ts';
import { type GoodReport, startGoodClient } from './good-client.ts';
import { deployment, revision } from './place/model.ts';
import type { Place } from './place/place.ts';

export type FuzzOptions = {
  readonly seed: number;
  readonly milliseconds: number;
  /** Number of the first conversation. */
  readonly first: number;
  /** Told of each finding as it is made. */
  onFinding?(finding: string): void;
};

/** The most memory that either process may hold. A gateway pod has 384 MiB; a server of the sources is larger than the image's. */
const mostBytes = { envoy: 384 * 2 ** 20, server: 768 * 2 ** 20 } as const;

export type FuzzReport = {
  readonly seed: number;
  readonly conversations: number;
  /** Answers that were heard, by status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly good: GoodReport;
  /** What the operator would take for a failure of the revision, or of the gateway itself. */
  readonly errors: number;
  readonly unserved: number;
  readonly memory: { readonly envoy: number; readonly server: number };
  /** What must not be; empty when all is well. */
  readonly findings: readonly string[];
};

const clients = 6;
const mostFindings = 20;

/** Errors of the revision, and requests that the gateway itself failed, since it began. */
async function failures(place: Place): Promise<{ errors: number; unserved: number }> {
  const { counters } = await place.state();
  return {
    errors: counters?.backends[revisionName(deployment, revision)]?.errors ?? 0,
    unserved: counters?.gateway[deployment]?.errors ?? 0,
  };
}

/** Says conversations, each of another number, until the time is over. */
export async function fuzz(place: Place, options: FuzzOptions): Promise<FuzzReport> {
  const findings: string[] = [];
  const find = (finding: string) => {
    if (findings.length < mostFindings) findings.push(finding);
    options.onFinding?.(finding);
  };
  const statuses: Record<string, number> = {};
  const most = { envoy: 0, server: 0 };
  const before = await failures(place);
  const endsAt = performance.now() + options.milliseconds;
  let next = options.first;
  const talk = async () => {
    while (performance.now() < endsAt) {
      const number = next;
      next += 1;
      const heard = await say(place.port, conversation(options.seed, number));
      for (const status of heard.statuses) {
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (status >= 500) find(`conversation ${number} was answered ${status}: ${heard.text.slice(0, 300)}`);
      }
      const { envoy, server } = place.memory();
      most.envoy = Math.max(most.envoy, envoy);
      most.server = Math.max(most.server, server);
    }
  };
  const stopGood = startGoodClient(place.port, 2);
  const [talked] = await Promise.allSettled([Promise.all(Array.from({ length: clients }, talk))]);
  const good = await stopGood();
  if (talked.status === 'rejected') find(`a process ended, or said nothing: ${talked.reason}`);
  const after = await failures(place);
  const [errors, unserved] = [after.errors - before.errors, after.unserved - before.unserved];
  for (const failure of good.failures) find(`another client was not answered: ${failure}`);
  if (errors > 0) find(`${errors} errors were counted against the revision`);
  if (unserved > 0) find(`${unserved} requests were counted as failed by the gateway`);
  for (const name of ['envoy', 'server'] as const)
    if (most[name] > mostBytes[name]) find(`${name} held ${Math.round(most[name] / 2 ** 20)} MiB`);
  const conversations = next - options.first;
  return { seed: options.seed, conversations, statuses, good, errors, unserved, memory: most, findings };
}

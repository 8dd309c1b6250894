// Plays many rounds on an apiserver of its own and says what they have shown, by kind of blow.

import { loadClusterAccess } from '@sluice/operator/kube/access/cluster-access.ts';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import { createTransport } from '@sluice/operator/kube/transport/transport.ts';
import { startApiserver } from '../../integration/apiserver.ts';
import { BLOWS, type Blow, type FailoverReport, type FailoverRound, playFailover } from './failover.ts';

/** Short enough for many rounds, long enough for a busy machine; the operator's own are multiples of these. */
export const failoverTiming = { leaseSeconds: 3, renewSeconds: 2, retrySeconds: 0.25 };

/** Plays so many rounds, each blow in its turn. `say` is told of each. */
export async function playRounds(rounds: number, say: (line: string) => void): Promise<FailoverReport> {
  const apiserver = await startApiserver();
  const { kubeconfigPath: kubeconfig } = apiserver;
  const transport = createTransport(await loadClusterAccess({ kubeconfig }), { userAgent: 'sluice-faults' });
  try {
    const client = new KubeClient(transport, { fieldManager: 'sluice-faults' });
    const blows = Array.from({ length: rounds }, (_, at) => BLOWS[at % BLOWS.length] ?? 'kill');
    return await playFailover({ kubeconfig, client, rounds: blows, timing: failoverTiming, say });
  } finally {
    await transport.close();
    await apiserver.stop();
  }
}

/** One line for each kind of blow, and one for all writes. */
export function describeRounds({ rounds, writes, byNonHolders }: FailoverReport): string[] {
  const longest = (all: readonly FailoverRound[]) => Math.max(...all.map(({ handOverMs }) => handOverMs));
  const lineOf = (blow: Blow): string[] => {
    const of = rounds.filter((round) => round.blow === blow);
    const count = of.length === 1 ? '1 round' : `${of.length} rounds`;
    return of.length === 0 ? [] : [`${blow}: ${count}, another process led after at most ${longest(of)} ms`];
  };
  return [
    ...BLOWS.flatMap(lineOf),
    `${writes} writes, ${byNonHolders.length} by a process that did not hold the lease`,
  ];
}

// The operator dies, and the next one begins with lists from the past, as behind an apiserver that is behind itself.
import { setTimeout as delay } from 'node:timers/promises';
import { WRITE_VERBS } from '../proxy/api-request.ts';
import type { Match } from '../proxy/rules.ts';
import type { Disturbance, Run } from './run.ts';
import { isRenewal } from './write-name.ts';

/** Counted in writes of the operator from the first action that counts, renewals of the lease left out. */
export interface StaleView {
  /** The operator is replaced after this write. */
  readonly after: number;
  /** Its successor sees the world as it was after this one. */
  readonly seenAt: number;
}

/** Long enough for a new operator to have its caches, to lead, and to have gone through every key. */
const frozenMs = 8_000;

/** At each quarter of a run with so many writes, a view of half as many writes ago. */
export function staleViews(writes: number): StaleView[] {
  const moments = [1, 2, 3, 4].map((quarter) => Math.ceil((writes * quarter) / 4));
  return moments.map((after) => ({ after, seenAt: Math.ceil(after / 2) }));
}

/** Replaces the operator once. */
export function beginInThePast({ after, seenAt }: StaleView): Disturbance {
  let met = 0;
  let past = '';
  let hasThawed = false;
  const replace = async (run: Run): Promise<void> => {
    const thaw = await run.proxy.freeze({}, past);
    await run.replaceOperator();
    await delay(frozenMs);
    hasThawed = true;
    thaw();
  };
  const afterCommit = async (run: Run): Promise<'answer'> => {
    met += 1;
    if (met === seenAt) past = await run.proxy.presentVersion();
    if (met === after) void replace(run);
    return 'answer';
  };
  return {
    name: `an operator that begins after write ${after} sees all as of write ${seenAt}`,
    begin: (run) => {
      run.waitFor(() => met < after || hasThawed);
      const isMeant: Match = { verbs: WRITE_VERBS, when: (request) => !isRenewal(request) };
      run.proxy.addRule({ match: isMeant, fault: { kind: 'hook', afterCommit: () => afterCommit(run) } });
    },
    hasHappened: () => hasThawed,
  };
}

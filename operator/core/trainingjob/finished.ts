// Complete and Failed stick: whatever is deleted or changed, no pod runs again. Only a new retryToken revives a failed
// job, with whole budgets; a complete one is never run again.
import type { Condition } from '@sluice/crds/fragments.ts';
import { failureReasons } from '@sluice/crds/reasons.ts';
import { beginAnew } from './begin.ts';
import type { Step, Turn } from './turn.ts';

export const finished: Step = (turn) => {
  const { facts, retryAsked } = turn;
  const complete = stored(turn, 'Complete');
  if (complete) return { facts, phase: { type: 'Complete', reason: 'Complete', message: complete.message } };
  const failed = stored(turn, 'Failed');
  if (!failed) return undefined;
  if (retryAsked) return beginAnew(turn);
  const reason = facts.failure === undefined ? 'InternalError' : failureReasons[facts.failure.class];
  return { facts, phase: { type: 'Failed', reason, message: failed.message } };
};

const stored = ({ status }: Turn, type: string): Condition | undefined =>
  status.conditions?.find((condition) => condition.type === type && condition.status === 'True');

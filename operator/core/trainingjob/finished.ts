// Complete and Failed stick: whatever is deleted or changed, no pod runs again. Only a new retryToken revives a failed
// job, with whole budgets; a complete one is never run again.
import type { Condition } from '@sluice/crds/fragments.ts';
import { beginAttempt, beginning, freshTry } from './begin.ts';
import type { PhaseType, Step, Turn } from './turn.ts';

export const finished: Step = (turn) => {
  if (isTrue(turn, 'Complete') !== undefined) return stay(turn, 'Complete');
  if (isTrue(turn, 'Failed') === undefined) return undefined;
  if (!turn.retryAsked) return stay(turn, 'Failed');
  return beginAttempt(turn, freshTry(turn.facts), beginning(turn.attempt + 1));
};

function stay(turn: Turn, type: PhaseType & ('Complete' | 'Failed')) {
  const said = isTrue(turn, type);
  return { facts: turn.facts, phase: { type, reason: said?.reason ?? type, message: said?.message ?? '' } };
}

const isTrue = ({ status }: Turn, type: string): Condition | undefined =>
  status.conditions?.find((condition) => condition.type === type && condition.status === 'True');

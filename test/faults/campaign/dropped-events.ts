// A watch event that the operator never hears of.
import { resources } from '@sluice/operator/shell/resources.ts';
import type { Disturbance } from './run.ts';

/** The n-th event of a kind that a watch brings. */
export interface DroppedEvent {
  readonly group: string;
  readonly resource: string;
  /** From 1, counted from the first action that counts. */
  readonly nth: number;
}

/** The first events of each kind that the operator watches. */
export const droppedEvents = (each: number): DroppedEvent[] =>
  Object.values(resources).flatMap(({ group, plural }) =>
    Array.from({ length: each }, (_, index) => ({ group, resource: plural, nth: index + 1 })),
  );

/** Drops that event. */
export function dropEvent({ group, resource, nth }: DroppedEvent): Disturbance {
  let met = 0;
  return {
    name: `event ${nth} of ${resource} is never told`,
    begin: (run) => {
      const when = ({ type }: { readonly type: string }) => {
        if (type === 'BOOKMARK') return false;
        met += 1;
        return met === nth;
      };
      run.proxy.addRule({ events: { group, resource, when }, edit: 'drop' });
    },
    hasHappened: () => met >= nth,
  };
}

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

/** Counts the events that watches tell, by kind. Everything is told. */
export function countEvents(): Disturbance & { readonly told: ReadonlyMap<string, number> } {
  const told = new Map<string, number>();
  return {
    name: 'nothing',
    told,
    begin: (run) => {
      for (const { group, plural } of Object.values(resources)) {
        const when = ({ type }: { readonly type: string }) => {
          if (type !== 'BOOKMARK') told.set(plural, (told.get(plural) ?? 0) + 1);
          return false;
        };
        run.proxy.addRule({ events: { group, resource: plural, when }, edit: 'drop' });
      }
    },
    hasHappened: () => true,
  };
}

/** Up to `each` of the first events of each kind of which watches tell. */
export const droppedEvents = (each: number, told: ReadonlyMap<string, number>): DroppedEvent[] =>
  Object.values(resources).flatMap(({ group, plural }) =>
    Array.from({ length: Math.min(each, told.get(plural) ?? 0) }, (_, index) => ({
      group,
      resource: plural,
      nth: index + 1,
    })),
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

// A watch event that the operator never hears of.
import type { Resource } from '@sluice/operator/kube/objects.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Disturbance } from './run.ts';

/** The n-th event of a kind that a watch brings. */
export interface DroppedEvent {
  readonly resource: Resource;
  /** From 1, counted from the first action that counts. */
  readonly nth: number;
}

type Told = { readonly type: string; readonly name: string };

/** Nobody but the event tells that a user has made an object: a client that never gets it cannot know. */
function isMissed(scenario: Scenario, kind: string): (event: Told) => boolean {
  const applied = scenario.actions.flatMap(({ apply = [] }) => apply).filter((object) => object.kind === kind);
  const ofUser = new Set(applied.map(({ metadata }) => metadata.name));
  return ({ type, name }) => type !== 'BOOKMARK' && !(type === 'ADDED' && ofUser.has(name));
}

/** Counts the events that could be missed, by the plural name of their kind. Everything is told. */
export function countEvents(scenario: Scenario): Disturbance & { readonly told: ReadonlyMap<string, number> } {
  const told = new Map<string, number>();
  return {
    name: 'nothing',
    told,
    begin: (run) => {
      for (const { group, plural, kind } of Object.values(resources)) {
        const counts = isMissed(scenario, kind);
        const when = (event: Told) => {
          if (counts(event)) told.set(plural, (told.get(plural) ?? 0) + 1);
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
  Object.values(resources).flatMap((resource) =>
    Array.from({ length: Math.min(each, told.get(resource.plural) ?? 0) }, (_, index) => ({
      resource,
      nth: index + 1,
    })),
  );

/** Drops that event. */
export function dropEvent(scenario: Scenario, { resource, nth }: DroppedEvent): Disturbance {
  const { group, plural, kind } = resource;
  const counts = isMissed(scenario, kind);
  let met = 0;
  return {
    name: `event ${nth} of ${plural} is never told`,
    begin: (run) => {
      const when = (event: Told) => {
        if (!counts(event)) return false;
        met += 1;
        return met === nth;
      };
      run.proxy.addRule({ events: { group, resource: plural, when }, edit: 'drop' });
    },
    hasHappened: () => met >= nth,
  };
}

// The newest warning about an object that has no address yet, in the words of whoever is to give it one.
import { printable } from '@sluice/crds/text.ts';
import { type ObservedEvent, saidAt } from '../pods/one-shot/refused-pod.ts';

/** An Event with what tells trouble from progress. */
export type ObservedWarning = ObservedEvent & {
  readonly type?: string | undefined;
  readonly reason?: string | undefined;
};

/** @returns undefined when nobody has warned. */
export function lastWarning(events: readonly ObservedWarning[]): string | undefined {
  const newest = events.filter(({ type }) => type === 'Warning').toSorted((a, b) => saidAt(b) - saidAt(a))[0];
  return newest && printable([newest.reason, newest.note].filter((each) => each !== undefined).join(': '));
}

// Follows one object until something is true of it.

import type { Condition } from '@sluice/crds/fragments.ts';
import { conditionOf } from '../screen/progress-line.ts';
import { type KubectlStream, streamKubectl } from './kubectl-stream.ts';
import type { Place } from './place.ts';

/** An object as far as waiting looks at it. */
export interface Watched<Status> {
  readonly metadata: { readonly name: string; readonly generation: number; readonly creationTimestamp: string };
  readonly status?: Partial<Status>;
}

/** What to wait for. */
export interface Waiting<Status> {
  /** As kubectl names it: `trainingjob/digits-mlp`. */
  readonly object: string;
  readonly until: (object: Watched<Status>) => boolean;
  readonly seconds: number;
  /** Goes on while the object is Stalled: somebody will change what it waits for. */
  readonly mayStall?: boolean | undefined;
  /** Called with each state of the object. */
  readonly onChange?: ((status: Partial<Status>) => void) | undefined;
}

type Conditions = { readonly conditions?: Condition[] | undefined; readonly observedGeneration?: number };

/**
 * Resolves to the object's first state for which `until` holds. Rejects with the object's own message as soon as it is
 * Stalled, unless it may be, and after `seconds`.
 */
export async function waitFor<Status extends Conditions>(
  place: Place,
  { object, until, seconds, mayStall, onChange }: Waiting<Status>,
): Promise<Watched<Status>> {
  const args = ['--namespace', place.namespace, 'get', object, '--output=json', '--watch'];
  const stream = streamKubectl(place.cluster, args);
  const timer = setTimeout(() => stream.stop(), seconds * 1000);
  let last: Watched<Status> | undefined;
  try {
    for await (const state of objectsIn<Watched<Status>>(stream)) {
      last = state;
      onChange?.(state.status ?? {});
      if (until(state)) return state;
      const stalled = !mayStall && isCurrent(state) ? conditionOf(state.status?.conditions, 'Stalled') : undefined;
      if (stalled?.status === 'True') throw new Error(`${object} is stalled: ${stalled.reason}: ${stalled.message}`);
    }
    await stream.ended;
  } finally {
    clearTimeout(timer);
    stream.stop();
  }
  const ready = conditionOf(last?.status?.conditions, 'Ready');
  const why = ready ? `${ready.reason}: ${ready.message}` : 'the operator has not looked at it';
  throw new Error(`${object} is not there after ${seconds} s: ${why}`);
}

function isCurrent<Status extends Conditions>({ metadata, status }: Watched<Status>): boolean {
  return status?.observedGeneration === metadata.generation;
}

/** kubectl prints each object as indented JSON, whose last line alone is a brace in the first column. */
async function* objectsIn<T>({ lines }: Pick<KubectlStream, 'lines'>): AsyncGenerator<T> {
  let text = '';
  for await (const line of lines) {
    text += `${line}\n`;
    if (line !== '}') continue;
    yield JSON.parse(text) as T;
    text = '';
  }
}

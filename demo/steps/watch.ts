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

/** A watch that ends at once, again and again, starts kubectl so often at most. */
const pauseMs = 500;

/**
 * Resolves to the object's first state for which `until` holds. Rejects with the object's own message as soon as it is
 * Stalled, unless it may be, and after `seconds`. A watch that the apiserver ends, because it began again or its CRDs were
 * applied anew, is begun again; one that never showed the object rejects.
 */
export async function waitFor<Status extends Conditions>(
  place: Place,
  { object, until, seconds, mayStall, onChange }: Waiting<Status>,
): Promise<Watched<Status>> {
  const deadline = Date.now() + seconds * 1000;
  let last: Watched<Status> | undefined;
  do {
    for await (const state of statesUntil<Watched<Status>>(place, object, { deadline, mayFail: last !== undefined })) {
      last = state;
      onChange?.(state.status ?? {});
      if (until(state)) return state;
      const stalled = !mayStall && isCurrent(state) ? conditionOf(state.status?.conditions, 'Stalled') : undefined;
      if (stalled?.status === 'True') throw new Error(`${object} is stalled: ${stalled.reason}: ${stalled.message}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  } while (Date.now() < deadline);
  const ready = conditionOf(last?.status?.conditions, 'Ready');
  const why = ready ? `${ready.reason}: ${ready.message}` : 'the operator has not looked at it';
  throw new Error(`${object} is not there after ${seconds} s: ${why}`);
}

type Until = {
  /** Milliseconds since 1970. */
  readonly deadline: number;
  /** Whether a kubectl that fails only ends the states. */
  readonly mayFail: boolean;
};

/** What one watch shows of an object, the present state first, until the watch ends or `deadline` has come. */
async function* statesUntil<T>(place: Place, object: string, { deadline, mayFail }: Until): AsyncGenerator<T> {
  const args = ['--namespace', place.namespace, 'get', object, '--output=json', '--watch'];
  const stream = streamKubectl(place.cluster, args);
  const timer = setTimeout(() => stream.stop(), deadline - Date.now());
  let hasBegun = mayFail;
  try {
    for await (const state of objectsIn<T>(stream)) {
      hasBegun = true;
      yield state;
    }
    await stream.ended.catch((error: unknown) => {
      if (!hasBegun) throw error;
    });
  } finally {
    clearTimeout(timer);
    stream.stop();
  }
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

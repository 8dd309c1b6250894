// The apiserver goes away and comes back while the operator works.
import { setTimeout as delay } from 'node:timers/promises';
import type { Disturbance, Run } from './run.ts';

/** How often, and for how long each time. */
export interface Outage {
  readonly times: number;
  /** Between the moment it is up again and its next end. */
  readonly upMs: number;
  readonly downMs: number;
}

/** Everything that talks to the apiserver is cut off: operator, controllers, the node and the user. */
export function loseApiserver({ times, upMs, downMs }: Outage): Disturbance {
  let done = 0;
  let isBroken: unknown;
  const lose = async ({ world }: Run) => {
    for (; done < times; done += 1) {
      await delay(upMs);
      await world.apiserver.crash();
      await delay(downMs);
      await world.apiserver.comeBack();
    }
  };
  return {
    name: `the apiserver goes ${times} times, for ${downMs / 1000} s each`,
    begin: (run) => {
      run.waitFor(() => done === times);
      lose(run).catch((error: unknown) => {
        isBroken = error;
      });
    },
    hasHappened: () => {
      if (isBroken !== undefined) throw new Error('the apiserver did not come back', { cause: isBroken });
      return done === times;
    },
  };
}

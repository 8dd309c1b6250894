// Constant load that needs no apiserver while it runs: it works in the client's pod by itself and leaves its answers in a
// file there. The load of the demo prints through the apiserver, and ends with it.
import { randomUUID } from 'node:crypto';
import type { LoadOrder } from '../../demo/in-pod/load.ts';
import type { LoadAnswer } from '../../demo/load/summary.ts';
import { inClient } from '../../demo/steps/client.ts';
import { kubectlIn, type Place } from '../../demo/steps/place.ts';

/** Load that nobody can look at before its end. */
export type DetachedLoad = {
  /** Sends no more, waits for the answers that are due, and resolves to all of them. */
  stop(): Promise<LoadAnswer[]>;
};

const inShell = (place: Place, script: string) => inClient(place, ['sh', '-c', script]);

/** Starts sending; needs the client's pod (`startClient`). Resolves when requests are on their way. */
export async function startDetachedLoad(place: Place, order: Omit<LoadOrder, 'stopFile'>): Promise<DetachedLoad> {
  const file = (suffix: string) => `${path}.${suffix}`;
  const path = `/tmp/load-${randomUUID()}`;
  const text = JSON.stringify({ ...order, stopFile: file('stop') });
  await kubectlIn(place, ['exec', '--stdin', 'client', '--', 'sh', '-c', `cat >${file('order')}`], text);
  const node = `node --disable-warning=ExperimentalWarning /scripts/load.ts ${file('order')}`;
  const run = `${node} >${file('answers')} 2>${file('errors')}; touch ${file('end')}`;
  await inShell(
    place,
    `setsid sh -c '${run}' </dev/null >/dev/null 2>&1 & until [ -s ${file('answers')} ]; do sleep 0.1; done`,
  );
  return {
    stop: async () => {
      await inShell(
        place,
        `touch ${file('stop')}; until [ -e ${file('end')} ]; do sleep 0.1; done; cat ${file('errors')} >&2`,
      );
      const lines = await inClient(place, ['cat', file('answers')]);
      return lines
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as LoadAnswer);
    },
  };
}

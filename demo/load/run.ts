// Puts a model under constant load from inside the cluster while something else happens.
import { randomUUID } from 'node:crypto';
import type { LoadOrder } from '../in-pod/load.ts';
import { clientCommand, inClient } from '../steps/client.ts';
import { streamKubectl } from '../steps/kubectl-stream.ts';
import type { Place } from '../steps/place.ts';
import type { LoadAnswer } from './summary.ts';

/** Load that is running. */
export interface Load {
  /** What has been answered so far; grows. */
  readonly answers: readonly LoadAnswer[];
  /** Sends no more, waits for the answers that are due, and resolves to all of them. */
  stop(): Promise<readonly LoadAnswer[]>;
}

/** Starts sending; needs the client's pod (`startClient`). Ends by itself when this process does. */
export function startLoad(place: Place, order: Omit<LoadOrder, 'stopFile'>): Load {
  const stopFile = `/tmp/stop-${randomUUID()}`;
  const stream = streamKubectl(place.cluster, clientCommand(place, 'load.ts'));
  const answers: LoadAnswer[] = [];
  const reading = (async () => {
    for await (const line of stream.lines) answers.push(JSON.parse(line) as LoadAnswer);
    await stream.ended;
  })();
  // A failure is told by stop(); until then it must not end the process.
  reading.catch(() => stream.stop());
  stream.input.write(`${JSON.stringify({ ...order, stopFile })}\n`);
  return {
    answers,
    stop: async () => {
      await inClient(place, ['touch', stopFile]);
      await reading;
      return answers;
    },
  };
}

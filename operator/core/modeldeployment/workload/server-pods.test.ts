// A crash loop is one container that ends again and again since the trial began: not some restarts of many pods.
import { describe, expect, test } from '@jest/globals';
import { labels } from '../../names.ts';
import type { ObservedContainer } from '../../pods/observed.ts';
import type { ServerPod } from '../observed.ts';
import { at, record, serverPod, start } from '../testing/samples.ts';
import { crashesOf, serverPodsOf } from './server-pods.ts';

const minutes = 60;
const now = start + 60 * minutes * 1000;
const since = start + 30 * minutes * 1000;

/** Ran so many seconds, and ended so many seconds after the start of this world. */
const ended = (secondsAfter: number, ranSeconds: number) => ({
  terminated: { exitCode: 1, startedAt: at(secondsAfter - ranSeconds), finishedAt: at(secondsAfter) },
});
const running = { running: { startedAt: at(59 * minutes) } };
const waiting = { waiting: { reason: 'CrashLoopBackOff' } };

const container = (restartCount: number, changes: Partial<ObservedContainer> = {}): ObservedContainer => ({
  ...{ name: 'server', restartCount, state: running, lastState: ended(59 * minutes, 5) },
  ...changes,
});
const pod = (...containerStatuses: ObservedContainer[]) => serverPod(2, { containerStatuses });
const never = ended(59 * minutes, 0).terminated;
const unstartable = { terminated: { ...never, reason: 'StartError', startedAt: '1970-01-01T00:00:00Z' } };

describe('the crashes of a revision', () => {
  test.each<[string, ServerPod[], number]>([
    ['are none without an end', [pod(container(0, { lastState: {} }))], 0],
    ['are the restarts of a container', [pod(container(3))], 3],
    ['are one more while it waits for its next start', [pod(container(2, { state: waiting }))], 3],
    ['are one more while it has just ended', [pod(container(2, { state: ended(59 * minutes, 5) }))], 3],
    ['are those of the worst pod, not of all', [pod(container(2)), pod(container(1))], 2],
    [
      'are none of a container that others added, wherever it stands',
      [pod(container(9, { name: 'istio-proxy' }), container(1)), pod(container(9, { name: 'agent' }))],
      1,
    ],
    ['are one when the node began again, and every pod with it', [1, 2, 3].map(() => pod(container(1))), 1],
    [
      'are none when they were long apart: the last run was long',
      [pod(container(7, { lastState: ended(59 * minutes, 50 * minutes) }))],
      0,
    ],
    ['are none when it has run for ten minutes since', [pod(container(7, { lastState: ended(50 * minutes, 5) }))], 0],
    ['are none when they came before the trial', [pod(container(7, { lastState: ended(30 * minutes, 5) }))], 0],
    ['go on counting when it ends again in the trial', [pod(container(7, { state: waiting }))], 8],
    ['count a container that cannot be started', [pod(container(3, { lastState: unstartable }))], 3],
  ])('%s', (_what, pods, crashes) => {
    expect(crashesOf(pods, { since, now })).toBe(crashes);
  });
});

test('the pods of a revision are its servers that are not told to end', () => {
  const [own, other] = [serverPod(2), serverPod(1)];
  const evaluator = {
    ...own,
    metadata: { ...own.metadata, labels: { ...own.metadata.labels, [labels.component]: 'evaluator' } },
  };
  const going = { ...own, metadata: { ...own.metadata, deletionTimestamp: at(0) } };
  expect(serverPodsOf(record(2).revision, [own, other, evaluator, going])).toEqual([own]);
});

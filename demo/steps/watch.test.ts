// Waiting by kubectl's watch, with a kubectl that is played: a script that prints states and ends.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Place } from './place.ts';
import { waitFor } from './watch.ts';

let toolsPath: string;

beforeEach(async () => {
  toolsPath = await mkdtemp(join(tmpdir(), 'sluice-kubectl-'));
});

afterEach(() => rm(toolsPath, { recursive: true, force: true }));

const state = (percent: number) =>
  `${JSON.stringify({ metadata: { name: 'one', generation: 1 }, status: { progress: { percent } } }, null, 2)}\n`;

/** A kubectl whose first run prints what `first` says and ends so, and whose later runs print what `later` says. */
async function playKubectl(first: { prints: string; exitCode: number }, later: string): Promise<Place> {
  const script = `#!/bin/sh
cd "$(dirname "$0")"
if [ -e begun ]; then cat later; sleep 30; fi
touch begun; cat first; exit ${first.exitCode}
`;
  await writeFile(join(toolsPath, 'first'), first.prints);
  await writeFile(join(toolsPath, 'later'), later);
  await writeFile(join(toolsPath, 'kubectl'), script);
  await chmod(join(toolsPath, 'kubectl'), 0o755);
  const cluster = { toolsPath, kubeconfigPath: 'none', context: undefined } as Place['cluster'];
  return { cluster, namespace: 'ml', nodeImage: 'node' };
}

type Status = { progress?: { percent: number }; conditions?: undefined };
const wait = (place: Place) =>
  waitFor<Status>(place, {
    object: 'trainingjob/one',
    until: ({ status }) => status?.progress?.percent === 100,
    seconds: 20,
  });

test.each([
  ['ended', 0],
  ['broke off', 1],
])('a watch that %s after it had shown the object is begun again', async (_, exitCode) => {
  const place = await playKubectl({ prints: state(40), exitCode }, state(100));
  expect((await wait(place)).status?.progress?.percent).toBe(100);
});

test('a watch that fails before it has shown the object is no reason to wait', async () => {
  const place = await playKubectl({ prints: '', exitCode: 1 }, state(100));
  await expect(wait(place)).rejects.toThrow(/kubectl .* failed/);
});

// Who comes back without a trial: what a person asks for, never what Latest finds.
import { expect, test } from '@jest/globals';
import { modelDeployment, observe, record, revision, settings, traffic, version } from '../testing/samples.ts';
import { trialOf } from './start-trial.ts';

const rollout = { steps: [{ name: 'probe', weightPercent: 5 }] };
const latest = { name: 'digits', track: 'Latest' };

const isTried = (model: object, candidate: ReturnType<typeof record>, former = [record(2)]) => {
  const status = { observedGeneration: 1, stable: record(3), former };
  const observed = observe({ modelDeployment: modelDeployment({ model, rollout }, status), versions: [version(3)] });
  return (
    trialOf(observed, { stable: record(3), candidate }, { shares: [], traffic: traffic(), settings }) !== undefined
  );
};

const otherSettings = { ...record(3), revision: revision(9).revision };

test.each<[string, object, ReturnType<typeof record>, ReturnType<typeof record>[], boolean]>([
  [
    'a formerly stable version that the spec pins',
    { name: 'digits', version: 'digits-2' },
    record(2),
    [record(2)],
    false,
  ],
  [
    'a formerly stable model whose bytes the spec pins',
    { name: 'digits', digest: record(2).digest },
    record(2),
    [record(2)],
    false,
  ],
  ['one that was never stable', { name: 'digits', version: 'digits-2' }, record(2), [], true],
  ['former settings of the live model', latest, otherSettings, [otherSettings], false],
  ['new settings of the live model', latest, otherSettings, [], true],
  [
    'a newer number with the bytes of a formerly stable one',
    latest,
    { ...record(2), version: 'digits-4' },
    [record(2)],
    true,
  ],
])('%s', (_, model, candidate, former, expected) => {
  expect(isTried(model, candidate, former)).toBe(expected);
});

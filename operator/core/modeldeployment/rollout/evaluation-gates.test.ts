// What a person reads when an evaluation could not be made: what went wrong, and the field or the place to put it right.
import { expect, test } from '@jest/globals';
import type { FailureClass } from '@sluice/crds/contract.ts';
import { gatesSchema } from '@sluice/crds/v1alpha1/gates.ts';
import { evaluator } from '../../evaluation/evaluator.ts';
import type { ObservedJob, ObservedPod } from '../../pods/observed.ts';
import { modelDeployment, record, settings, start, startTime } from '../testing/samples.ts';
import { type Evaluations, judgeEvaluations } from './evaluation-gates.ts';

const gates = gatesSchema.parse([
  {
    name: 'accuracy',
    evaluation: {
      metric: 'accuracy',
      dataset: { source: { configMap: { name: 'rows', key: 'rows.csv' } }, format: 'CSV', target: 'label' },
    },
    min: 0.9,
  },
]);

const asked = (changes: Partial<Evaluations> = {}): Evaluations => ({
  ...{ deployment: modelDeployment(), candidate: record(2), stable: record(1), said: [] },
  ...{ attempt: 5, jobs: [], pods: [], settings, now: start },
  ...changes,
});

/** The Job of this attempt, ended with this result; and what is said of it. */
function judgeEnd(result: object, { exitCode = 16, attempt = 5 } = {}) {
  const name = judgeEvaluations(gates, asked({ attempt })).children[0]?.manifest.metadata.name ?? '';
  const job: ObservedJob = { metadata: { name, uid: 'job', creationTimestamp: startTime } };
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name, uid: 'job', controller: true };
  const terminated = { exitCode, message: JSON.stringify(result) };
  const pod: ObservedPod = {
    metadata: { name: `${name}-x`, uid: 'pod', creationTimestamp: startTime, ownerReferences: [owner] },
    status: { phase: 'Failed', containerStatuses: [{ name: evaluator.container, state: { terminated } }] },
  };
  return judgeEvaluations(gates, asked({ attempt, jobs: [job], pods: [pod] }));
}

test.each<[FailureClass, string, string]>([
  ['Data', 'dataset.target: no.', 'dataset.target: no. Correct gates[accuracy].evaluation; then set a new'],
  ['OutOfMemory', 'too large', 'too large. Use a smaller gates[accuracy].evaluation.dataset; then set a new'],
  ['Deadline', 'too slow', 'too slow. Use a smaller gates[accuracy].evaluation.dataset; then set a new'],
  ['Infrastructure', 'no answer', 'no answer. Look at the pods and volumes that it names; then set a new'],
  ['Image', 'not there', "not there. Check images.trainer in the chart's values; then set a new"],
  ['Internal', 'TypeError: x', 'TypeError: x. A new rollout.retryToken asks again; report it if it happens again.'],
  ['Internal', 'x'.repeat(200), 'x. A new rollout.retryToken asks again; report it if it happens again.'],
])('after a failure of class %s the remedy is said and fits', (name, message, words) => {
  const [verdict] = judgeEnd({ failure: { class: name, message } }).verdicts;
  expect(verdict?.verdict).toBe('Error');
  expect(verdict?.message.replace('…', '.')).toContain(words);
  expect(verdict?.message.length).toBeLessThanOrEqual(200);
});

test('a Job that the cluster took away is asked again, five times in all', () => {
  const evicted = { failure: { class: 'Infrastructure', message: 'evicted' } };
  const first = judgeEnd(evicted, { attempt: 1 });
  expect([first.verdicts, first.attempt, first.waitsFor]).toEqual([[], 2, 'gate accuracy: evicted; it is asked again']);
  expect(judgeEnd(evicted, { attempt: 5 }).verdicts).toHaveLength(1);
});

test('an evaluation that counted something else than the metric names the metric', () => {
  const sums = { sum: 1, sumOfSquares: 1 };
  const success = {
    data: { digest: `sha256:${'d'.repeat(64)}`, rows: 10, bytes: 10 },
    n: 10,
    outcome: { type: 'Values', candidate: { absolute: sums, squared: sums } },
    candidate: { failedRequests: 0, failedRows: 0, nonFinite: 0 },
  };
  const [verdict] = judgeEnd({ success }, { exitCode: 0 }).verdicts;
  expect([verdict?.verdict, verdict?.message]).toEqual([
    'Error',
    'The model does not answer classes: choose another gates[accuracy].evaluation.metric.',
  ]);
});

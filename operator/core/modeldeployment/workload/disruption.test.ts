// No pod may match two budgets, and none that answers nobody keeps a node from being drained.
import { describe, expect, test } from '@jest/globals';
import { evaluationChild } from '../../evaluation/job.ts';
import { labels } from '../../names.ts';
import { desiredChildren } from '../children.ts';
import {
  evaluationRequest,
  modelDeployment,
  observe,
  pinned,
  record,
  revision,
  settings,
  workload,
} from '../testing/samples.ts';
import { podTemplate } from './workloads.ts';

const [stable, candidate] = [record(1), record(2)];

function budgetsOf({ replicas = 2, budgets = [] as object[], revisions = [pinned(1), pinned(2)] }) {
  const observed = observe({
    modelDeployment: modelDeployment({ server: { replicas } }),
    revisions,
    workloads: [workload(1), workload(2)],
    budgets: budgets as [],
  });
  const keeping = { observed, place: { stable, candidate }, shares: [], isSettled: true };
  const children = desiredChildren(keeping, { wanted: undefined, clientPort: undefined, settings });
  return children.filter(({ manifest }) => manifest.kind === 'PodDisruptionBudget');
}

const selectorOf = ({ manifest }: ReturnType<typeof budgetsOf>[number]) =>
  (manifest['spec'] as { selector: { matchLabels: Record<string, string> } }).selector.matchLabels;

const matches = (selector: Record<string, string>, own: Readonly<Record<string, string>>) =>
  Object.entries(selector).every(([key, value]) => own[key] === value);

describe('PodDisruptionBudgets', () => {
  test('are one for each revision: pods of each match its own and no other', () => {
    const budgets = budgetsOf({});
    expect(budgets).toHaveLength(2);
    for (const number of [1, 2]) {
      const { metadata } = podTemplate('digits', revision(number), settings);
      const matching = budgets.filter((each) => matches(selectorOf(each), metadata.labels));
      expect(matching.map(({ manifest }) => manifest.metadata.name)).toEqual([pinned(number).metadata.name]);
    }
  });

  test('let pods that are not ready go at any time', () => {
    for (const { manifest } of budgetsOf({})) {
      expect(manifest['spec']).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
    }
  });

  test('match no pod of an evaluation', () => {
    const { manifest } = evaluationChild(evaluationRequest(revision(2).revision), settings);
    const { template } = manifest['spec'] as { template: { metadata: { labels: Record<string, string> } } };
    expect(budgetsOf({}).filter((each) => matches(selectorOf(each), template.metadata.labels))).toEqual([]);
  });

  test('are none for a single pod: it would keep its node from ever being drained', () => {
    expect(budgetsOf({ replicas: 1 })).toEqual([]);
  });

  test('are none while the one over all revisions of an earlier release is there', () => {
    const { metadata } = pinned(1);
    const overAll = { metadata: { ...metadata, name: 'digits', labels: { [labels.modelDeployment]: 'digits' } } };
    expect(budgetsOf({ budgets: [overAll] })).toEqual([]);
    expect(budgetsOf({ budgets: [{ metadata }] })).toHaveLength(2);
  });

  test('stay with a revision that serves although its pin was removed', () => {
    expect(budgetsOf({ revisions: [pinned(1)] }).map(({ lifetime }) => lifetime)).toEqual(['Retained', 'Managed']);
  });
});

// A person who waits reads one line; it says what happens and, where known, how long it takes.
import { describe, expect, test } from '@jest/globals';
import { bar, rolloutLine, servingLine, trainingLine } from './progress-line.ts';

const condition = (type: string, status: 'True' | 'False' | 'Unknown', reason: string, message: string) => ({
  type,
  status,
  reason,
  message,
  observedGeneration: 1,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

const fitting = {
  stage: 'Fitting',
  step: 50,
  totalSteps: 100,
  epoch: 3,
  totalEpochs: 6,
  percent: 50,
  etaSeconds: 4,
  loss: 0.25,
  validationLoss: 0.31,
  reportedAt: '2026-01-01T00:00:00Z',
} as const;

test.each([
  [-5, 0],
  [0, 0],
  [50, 12],
  [100, 24],
  [120, 24],
])('a bar at %d %% has %d full blocks', (percent, blocks) => {
  expect([...bar(percent)].filter((character) => character === '█')).toHaveLength(blocks);
  expect([...bar(percent)]).toHaveLength(24);
});

describe('the line of a TrainingJob', () => {
  test('shows percent, epoch, losses and what is left while it fits', () => {
    expect(trainingLine({ progress: fitting })).toMatch(
      /^Fitting █{12}░{12} {2}50 % {2}epoch 3\/6 {2}loss 0\.250 {2}validation 0\.310 {2}4 s left$/,
    );
  });
  test('leaves out what is not known yet', () => {
    const { loss, validationLoss, etaSeconds, ...early } = fitting;
    expect(trainingLine({ progress: early })).toMatch(/epoch 3\/6$/);
  });
  test('names the stage when no steps are counted', () => {
    expect(trainingLine({ progress: { ...fitting, stage: 'Evaluating' } })).toBe('Evaluating');
  });
  test('shows no figures of the last report when all steps are done', () => {
    expect(trainingLine({ progress: { ...fitting, percent: 100 } })).toBe(`Fitting ${bar(100)} 100 %`);
  });
  test('says why nothing runs', () => {
    const pending = condition('Ready', 'False', 'Pending', 'no node offers 1 × nvidia.com/gpu');
    expect(trainingLine({ conditions: [pending] })).toBe('Pending: no node offers 1 × nvidia.com/gpu');
  });
  test('is about the object before the operator has seen it', () => {
    expect(trainingLine({})).toBe('not seen yet');
  });
});

test('the line of a ModelDeployment shows the shares and what is verified', () => {
  const entry = { revision: 'ab', changedAt: '2026-01-01T00:00:00Z' };
  const status = {
    conditions: [condition('Ready', 'True', 'StableServes', 'x'), condition('Reconciling', 'True', 'WarmingUp', 'y')],
    traffic: [
      { ...entry, version: 'digits-1', wantedPercent: 0, verifiedPercent: 0 },
      { ...entry, version: 'digits-2', wantedPercent: 100 },
    ],
  };
  expect(servingLine(status)).toBe('WarmingUp: y  |  digits-1 0 %  |  digits-2 100 % (on its way)');
});

test('the line of a rollout says where the candidate stands and by how many samples', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const rollout = { revision: 'b', weightPercent: 10, candidateSamples: 42, warmReplicas: 1, evaluationAttempt: 1 };
  const status = { candidate: { revision: 'b', version: 'digits-2', digest } };
  const line = (where: 'Evaluating' | 'Stepping', step?: string) =>
    rolloutLine({ ...status, rollout: { ...rollout, phase: where, ...(step !== undefined && { step }) } });
  expect(line('Stepping', 'probe')).toBe('digits-2: probe, 10 %, 42 samples  |  not seen yet');
  expect(line('Evaluating')).toMatch(/^digits-2: Evaluating, /);
  expect(rolloutLine({})).toBe('not seen yet');
});

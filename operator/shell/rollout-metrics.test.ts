// What Prometheus sees of rollouts is what the status says, and nothing of what is gone.
import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { type RolledOut, registerRolloutMetrics } from './rollout-metrics.ts';

const revision = 'abc123';
const deployment: RolledOut = {
  apiVersion: 'sluice.dev/v1alpha1',
  kind: 'ModelDeployment',
  metadata: { name: 'digits', namespace: 'ml' },
  status: {
    observedGeneration: 1,
    traffic: [{ revision, version: 'digits-2', wantedPercent: 5, changedAt: '2026-01-05T10:00:00Z' }],
    rollout: {
      ...{ revision, phase: 'Stepping', step: 'probe', weightPercent: 5, candidateSamples: 412 },
      ...{ warmReplicas: 2, evaluationAttempt: 1 },
    },
    rejected: [
      {
        ...{ revision: 'def456', version: 'digits-1', digest: `sha256:${'0'.repeat(64)}`, gate: 'latency' },
        ...{ at: '2026-01-05T09:00:00Z', retryToken: '', message: 'm' },
        ...{ evidenceAt: '2026-01-05T09:00:00.250Z', withdrawnAt: '2026-01-05T09:00:00.750Z' },
      },
    ],
    evidence: {
      ...{ candidate: revision, stable: 'def456', readings: [], marks: [] },
      steps: [
        {
          ...{ name: 'probe', share: 0.05, startedAt: 0 },
          candidate: { requests: 420, errors: 3, overloaded: 8, nonFinite: 2, latency: '' },
          stable: { requests: 8000, errors: 3, latency: '' },
        },
      ],
      unrouted: { candidate: 'gateway', stable: 'nobody', steps: [], readings: [], marks: [] },
    },
    gates: [{ name: 'errors', verdict: 'Pass', n: 412, method: 'm', message: 'm' }],
  },
};

test('the metrics follow the objects', async () => {
  const registry = new Registry();
  let objects = [deployment];
  registerRolloutMetrics(registry, () => objects);
  const text = await registry.metrics();
  for (const line of [
    'sluice_traffic_wanted_percent{namespace="ml",name="digits",version="digits-2",revision="abc123"} 5',
    'sluice_rollout_candidate_samples{namespace="ml",name="digits",step="probe"} 412',
    'sluice_rollout_overloaded_requests{namespace="ml",name="digits",step="probe",revision="abc123"} 8',
    'sluice_rollout_overloaded_requests{namespace="ml",name="digits",step="probe",revision="def456"} 0',
    'sluice_rollout_nonfinite_answers{namespace="ml",name="digits",step="probe",revision="abc123"} 2',
    'sluice_rollout_held{namespace="ml",name="digits"} 0',
    'sluice_rollout_stands_in{namespace="ml",name="digits"} 0',
    'sluice_gate_verdict{namespace="ml",name="digits",gate="errors",verdict="Pass"} 1',
    'sluice_gate_verdict{namespace="ml",name="digits",gate="errors",verdict="Fail"} 0',
    'sluice_rejected_revisions{namespace="ml",name="digits",gate="latency"} 1',
    'sluice_rollback_seconds{namespace="ml",name="digits",version="digits-1",gate="latency"} 0.5',
    'sluice_gate_samples{namespace="ml",name="digits",gate="errors"} 412',
  ]) {
    expect(text).toContain(line);
  }
  objects = [];
  expect(await registry.metrics()).not.toContain('digits');
});

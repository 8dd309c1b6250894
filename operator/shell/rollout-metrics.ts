// Prometheus metrics of rollouts and gates, read from the cached ModelDeployments whenever they are asked for.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { Gauge, type Registry } from 'prom-client';
import type { KubeObject } from '../kube/objects.ts';

/** What of a ModelDeployment is read here. */
export type RolledOut = KubeObject & { readonly status?: ModelDeploymentStatus };

const verdicts = ['Pass', 'Fail', 'Inconclusive', 'Error'] as const;
const place = ({ metadata }: RolledOut) => ({ namespace: metadata.namespace ?? '', name: metadata.name });

type Sample = { readonly labels: Record<string, string>; readonly value: number };

/** A rare count of both revisions in the step that goes on, as the evidence has it. */
function countsOfStep(each: RolledOut, counter: 'overloaded' | 'nonFinite'): Sample[] {
  const { rollout, evidence } = each.status ?? {};
  const step = evidence?.steps.findLast(({ guardrailOnly }) => !guardrailOnly);
  if (!rollout || !evidence || !step) return [];
  return (['candidate', 'stable'] as const).map((side) => ({
    labels: { ...place(each), step: step.name, revision: evidence[side] },
    value: step[side][counter] ?? 0,
  }));
}

/** Every metric of rollouts: its name, what it means, and its samples of one ModelDeployment. */
export const rolloutMetrics = [
  {
    name: 'sluice_traffic_wanted_percent',
    help: 'Share of the requests that a version shall get.',
    labelNames: ['namespace', 'name', 'version', 'revision'],
    samples: (each: RolledOut): Sample[] =>
      (each.status?.traffic ?? []).map(({ version, revision, wantedPercent }) => ({
        labels: { ...place(each), version, revision },
        value: wantedPercent,
      })),
  },
  {
    name: 'sluice_rollout_candidate_samples',
    help: 'Requests that the candidate answered in the step that goes on.',
    labelNames: ['namespace', 'name', 'step'],
    samples: (each: RolledOut): Sample[] => {
      const { rollout } = each.status ?? {};
      if (!rollout) return [];
      return [{ labels: { ...place(each), step: rollout.step ?? '' }, value: rollout.candidateSamples }];
    },
  },
  {
    name: 'sluice_rollout_overloaded_requests',
    help: 'Requests of the step that goes on that the servers of a revision were too busy for (429).',
    labelNames: ['namespace', 'name', 'step', 'revision'],
    samples: (each: RolledOut) => countsOfStep(each, 'overloaded'),
  },
  {
    name: 'sluice_rollout_nonfinite_answers',
    help: 'Answers of the step that goes on that were errors because the model gave NaN or infinity.',
    labelNames: ['namespace', 'name', 'step', 'revision'],
    samples: (each: RolledOut) => countsOfStep(each, 'nonFinite'),
  },
  {
    name: 'sluice_rollout_held',
    help: '1 while a rollout waits for a person.',
    labelNames: ['namespace', 'name'],
    samples: (each: RolledOut): Sample[] =>
      each.status?.rollout ? [{ labels: place(each), value: each.status.rollout.heldFor === undefined ? 0 : 1 }] : [],
  },
  {
    name: 'sluice_rollout_stands_in',
    help: '1 while the candidate has all requests because nothing of the live revision can answer.',
    labelNames: ['namespace', 'name'],
    samples: (each: RolledOut): Sample[] =>
      each.status?.rollout
        ? [{ labels: place(each), value: each.status.rollout.standIn?.since === undefined ? 0 : 1 }]
        : [],
  },
  {
    name: 'sluice_rejected_revisions',
    help: 'Revisions that a gate refused and that are remembered, by gate.',
    labelNames: ['namespace', 'name', 'gate'],
    samples: (each: RolledOut): Sample[] => {
      const rejected = each.status?.rejected ?? [];
      return [...new Set(rejected.map(({ gate }) => gate))].map((gate) => ({
        labels: { ...place(each), gate },
        value: rejected.filter((entry) => entry.gate === gate).length,
      }));
    },
  },
  {
    name: 'sluice_rollback_seconds',
    help: 'From the reading that showed failing evidence until every gateway pod was known to send no more requests.',
    labelNames: ['namespace', 'name', 'version', 'gate'],
    samples: (each: RolledOut): Sample[] =>
      (each.status?.rejected ?? []).flatMap(({ version, gate, evidenceAt, withdrawnAt }) =>
        evidenceAt === undefined || withdrawnAt === undefined
          ? []
          : [
              {
                labels: { ...place(each), version, gate },
                value: (Date.parse(withdrawnAt) - Date.parse(evidenceAt)) / 1000,
              },
            ],
      ),
  },
  {
    name: 'sluice_gate_verdict',
    help: '1 for what a gate says of the last candidate, 0 for what it does not.',
    labelNames: ['namespace', 'name', 'gate', 'verdict'],
    samples: (each: RolledOut): Sample[] =>
      (each.status?.gates ?? []).flatMap((gate) =>
        verdicts.map((verdict) => ({
          labels: { ...place(each), gate: gate.name, verdict },
          value: gate.verdict === verdict ? 1 : 0,
        })),
      ),
  },
  {
    name: 'sluice_gate_samples',
    help: 'Samples of the candidate behind the verdict of a gate.',
    labelNames: ['namespace', 'name', 'gate'],
    samples: (each: RolledOut): Sample[] =>
      (each.status?.gates ?? []).map(({ name: gate, n }) => ({ labels: { ...place(each), gate }, value: n })),
  },
];

/** Adds the metrics to the registry; `deployments` is asked at each scrape, so that what is gone is not shown. */
export function registerRolloutMetrics(registry: Registry, deployments: () => readonly RolledOut[]): void {
  for (const { name, help, labelNames, samples } of rolloutMetrics) {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const { labels, value } of deployments().flatMap(samples)) this.set(labels, value);
      },
    });
  }
}

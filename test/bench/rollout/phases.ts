// When rollouts reached which phase: what a crowd of them waits for shows in the time between two of these.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { KubeObject } from '@sluice/operator/kube/objects.ts';
import { quantile } from '../control-plane/quantile.ts';
import { versionName } from './objects.ts';

/** When half of the rollouts had got there, and all of them, in seconds since the specs were changed. */
export type PhaseTime = { readonly phase: string; readonly halfSeconds: number; readonly allSeconds: number };

/** What the status says of the way to a version, for example `20 % asked`; undefined before it is on its way. */
function phaseOf(object: KubeObject, number: number): string | undefined {
  const { metadata, status } = object as KubeObject & { readonly status?: ModelDeploymentStatus };
  const version = versionName(metadata.name, number);
  if (status?.stable?.version === version) return 'promoted';
  if (status?.candidate?.version !== version) return undefined;
  const share = status.traffic?.find(({ revision }) => revision === status.candidate?.revision);
  if (!share) return 'pods are starting';
  return `${share.wantedPercent} % ${share.verifiedPercent === share.wantedPercent ? 'in force' : 'asked'}`;
}

/** Notes when each phase is first seen of each rollout. */
export class Phases {
  readonly #number: number;
  readonly #beganMs = performance.now();
  readonly #seen = new Map<string, Map<string, number>>();

  constructor(number: number) {
    this.#number = number;
  }

  note(object: KubeObject): void {
    const phase = phaseOf(object, this.#number);
    if (phase === undefined) return;
    const times = this.#seen.get(phase) ?? new Map<string, number>();
    this.#seen.set(phase, times);
    const { name } = object.metadata;
    if (!times.has(name)) times.set(name, (performance.now() - this.#beganMs) / 1000);
  }

  times(): readonly PhaseTime[] {
    const all = [...this.#seen].map(([phase, times]) => {
      const seconds = [...times.values()];
      return { phase, halfSeconds: quantile(seconds, 0.5), allSeconds: Math.max(...seconds) };
    });
    return all.toSorted((one, other) => one.halfSeconds - other.halfSeconds);
  }
}

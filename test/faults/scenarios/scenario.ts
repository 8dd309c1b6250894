// What a scenario is: objects that a user applies, what becomes of them, and how it is known that nothing more will.
import type { KubeObject } from '@sluice/operator/kube/objects.ts';
import type { Quality } from '../world/quality.ts';
import type { Snapshot } from './snapshot.ts';

/** A thing that a user does once a moment has come. */
export interface UserAction {
  /** The moment; at once when absent. */
  readonly when?: (now: Snapshot) => boolean;
  readonly apply?: readonly KubeObject[];
  readonly remove?: readonly { readonly kind: string; readonly name: string }[];
}

/** One story with a definite end. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** In order; each waits for its moment. */
  readonly actions: readonly UserAction[];
  /** Actions that only prepare: faults come after them. 0 when absent. */
  readonly preparing?: number;
  readonly isDone: (now: Snapshot) => boolean;
  /** Versions that are not sound. */
  readonly qualities?: Readonly<Record<string, Quality>>;
  /** Attempts that run out of memory, as `<job>/<attempt>`. */
  readonly outOfMemory?: readonly string[];
}

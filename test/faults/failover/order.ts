// What a contending process is told when it starts.
import type { LeaseTiming } from '@sluice/operator/kube/lease/lease-decision.ts';

/** What the leader writes, one after the other. */
export const objects = 16;

/** The first argument of the process, as JSON. */
export interface Order {
  /** The proxy, and a kubeconfig that leads to it. */
  readonly server: string;
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly identity: string;
  readonly timing: LeaseTiming;
}

// What every controller is made of, and how one is put together around the shell's round.
import type { MeasureRequest } from '../../core/plan.ts';
import type { Obstacle } from '../../kube/apply/apply-round.ts';
import type { OwnWrites } from '../../kube/apply/own-writes.ts';
import type { RefusedChildren } from '../../kube/apply/refused-children.ts';
import type { KubeClient } from '../../kube/client.ts';
import { Controller, type Failure } from '../../kube/controller/controller.ts';
import type { Watch } from '../../kube/controller/watches.ts';
import type { EventRecorder } from '../../kube/events/events.ts';
import type { CacheName, Caches } from '../caches.ts';
import type { OwnIdentity } from '../hop/own-identity.ts';
import { errorFields, type Log } from '../log.ts';
import type { ProcessInstruments } from '../metrics.ts';
import type { RefusedPods } from '../refused-pods.ts';
import { resources } from '../resources.ts';
import { createRound, type KindPlumbing } from '../round.ts';
import type { AnyStatus } from '../round-outcome.ts';
import type { Settings } from '../settings.ts';

/** What a controller is given. */
export type ControllerParts = {
  readonly settings: Settings;
  /** By which gateways know the operator. */
  readonly identity: Pick<OwnIdentity, 'certificates' | 'onChange'>;
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly events: EventRecorder;
  readonly instruments: ProcessInstruments;
  readonly log: Log;
  readonly ownWrites: OwnWrites;
  readonly refused: RefusedChildren<Obstacle>;
  readonly refusedPods: RefusedPods;
};

type KindController<Spec, Status extends AnyStatus, Observed> = {
  readonly name: string;
  readonly plumbing: KindPlumbing<Spec, Status, Observed>;
  readonly watches: readonly Watch[];
  measure(key: string, requests: readonly MeasureRequest[]): void;
};

/** Reconciles of a kind under way at once. */
const workersPerKind = 8;

/** Logs reconciles that failed; a conflict only means that the cache was behind. */
export const failureLog =
  (log: Log, name: string) =>
  ({ key, kind, error }: Failure): void => {
    const level = kind === 'conflict' ? 'debug' : 'warn';
    log.write(level, `${name} reconcile failed: ${kind}`, { key, ...errorFields(error) });
  };

/** The controller of a kind whose planner follows the contract of `core/plan.ts`. */
export function createController<Spec, Status extends AnyStatus, Observed>(
  { client, events, instruments, log, ownWrites, refused, refusedPods }: ControllerParts,
  { name, plumbing, watches, measure }: KindController<Spec, Status, Observed>,
): Controller {
  return new Controller({
    name,
    watches,
    workers: workersPerKind,
    reconcile: createRound(plumbing, { client, events, instruments, ownWrites, refused, refusedPods, measure }),
    instruments,
    onFailure: failureLog(log, name),
  });
}

/** Caches that hold the children of a kind, as the round wants them. */
export const childrenIn = (caches: Caches, names: readonly CacheName[]) =>
  names.map((name) => ({ resource: resources[name], store: caches[name] }));

/** For kinds that measure nothing themselves. */
export const noMeasurements = () => {};

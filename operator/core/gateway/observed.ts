// What the gateway planner is given: the routing table, what each ModelDeployment asks for, and what gateway pods know.
import type { PodDefaults } from '@sluice/crds/pod-defaults.ts';
import { z } from 'zod';
import type { Instant } from '../plan.ts';
import type { ObservedPod } from '../pods/observed.ts';
import type { PodUser } from '../pods/restricted-pod.ts';
import type { RouteRequest, RoutingTable } from './routes.ts';

const version = z.number().int().min(0);

/** Requests that a backend answered, or failed to, since the gateway process began. */
const backendCountersSchema = z.object({
  requests: version,
  /** 5xx, broken connections and time-outs; the gateway answers the latter two with 5xx itself. */
  errors: version,
  /** 429: the server was too busy. They are no errors, and are among the requests and in the histogram. */
  overloaded: version,
  /** Errors whose cause is an output that is NaN or infinite (`nonFiniteStatus`); always 0 of a server that has no such status. */
  nonFinite: version,
  /** Requests per latency bucket, as `latencyBuckets` has them; Envoy counts none beyond the last edge. */
  latency: z.array(version),
});
export type BackendCounters = z.output<typeof backendCountersSchema>;

/** What a gateway pod says of itself; versions are 0 where it has none yet. */
export const gatewayStateSchema = z.object({
  clusters: version,
  listeners: version,
  /** Version of each deployment's route configuration. */
  routes: z.record(z.string(), version),
  /** Hosts that each cluster has found, by `<deployment>-<revision>`. */
  hosts: z.record(z.string(), z.number().int().min(0)),
  /** Updates that Envoy refused since it started. */
  rejected: z.number().int().min(0),
  /** Absent when something else than Envoy answered. */
  counters: z
    .object({
      /** By `<deployment>-<revision>`. */
      backends: z.record(z.string(), backendCountersSchema),
      /** By deployment: all requests at its listener, and those that the gateway failed without asking any backend. */
      gateway: z.record(z.string(), z.object({ requests: version, errors: version })),
    })
    .optional(),
});
export type GatewayState = z.output<typeof gatewayStateSchema>;

/** The newest answer of a gateway pod. */
export type GatewayReading = { readonly podUid: string; readonly report: GatewayState; readonly at: Instant };

/** A gateway pod that is asked and did not say what it knows the last time. */
export type GatewaySilence = {
  readonly podUid: string;
  readonly since: Instant;
  readonly problem: string;
  /** Whether it answered, with something else: then nothing is in the way to it. */
  readonly isAnswering: boolean;
};

export type GatewayObserved = {
  readonly namespace: string;
  /** One for each ModelDeployment of the namespace that is not being deleted. */
  readonly requests: readonly RouteRequest[];
  /** The persisted table; absent when there is none yet, or somebody removed it. */
  readonly table: RoutingTable | undefined;
  /** Every pod of the namespace with component `gateway`. */
  readonly pods: readonly ObservedPod[];
  readonly readings: readonly GatewayReading[];
};

/** What the operator was installed with. */
export type GatewaySettings = {
  readonly gatewayImage: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** What the installation wants of every pod. */
  readonly podDefaults: PodDefaults;
  readonly podUser: PodUser;
  readonly xdsAddress: { readonly host: string; readonly port: number };
  /** sha256 of a text as lower-case hex: handed in, because this room has no crypto. */
  hash(text: string): string;
};

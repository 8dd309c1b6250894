// What the gateway planner is given: the routing table, what each ModelDeployment asks for, and what gateway pods know.
import type { PodDefaults } from '@sluice/crds/pod-defaults.ts';
import type { ModelGatewaySpec } from '@sluice/crds/v1alpha1/model-gateway.ts';
import type { Instant } from '../plan.ts';
import type { ObservedPod } from '../pods/observed.ts';
import type { PodUser } from '../pods/restricted-pod.ts';
import type { Refusals } from './delivery/refusals.ts';
import type { Asking } from './opened.ts';
import type { GatewayPods } from './pull-policy.ts';
import type { RoutingTable } from './routes.ts';

/** What is counted of a backend: every answer but a client's fault, or of those without an error only predictions. */
export type Counted = 'Answers' | 'Predictions';

/** Requests that a backend answered, or failed to, since the gateway process began; a client's faults are not among them. */
export type BackendCounters = {
  /** Absent: nothing tells it. What is counted in another way is compared with nothing that was counted before. */
  readonly counted?: Counted | undefined;
  readonly requests: number;
  /** 5xx, broken connections and time-outs; the gateway answers the latter two with 5xx itself. */
  readonly errors: number;
  /** 429: the server was too busy. They are no errors, and are among the requests and in the histogram. */
  readonly overloaded: number;
  /** Errors whose cause is an output that is NaN or infinite (`nonFiniteStatus`); always 0 of a server that has no such status. */
  readonly nonFinite: number;
  /** Requests per latency bucket, as `latencyBuckets` has them; Envoy counts none beyond the last edge. */
  readonly latency: readonly number[];
};

/** Answers given instead of an error. */
export type FallbackCounts = { readonly liveVersion: number; readonly staticAnswer: number };

/** What a gateway pod says of itself, in whole numbers; versions are 0 where it has none yet. */
export type GatewayState = {
  readonly clusters: number;
  readonly listeners: number;
  /** Version of each deployment's route configuration. */
  readonly routes: Readonly<Record<string, number>>;
  /** Hosts that each cluster has found, by `<deployment>-<revision>`. */
  readonly hosts: Readonly<Record<string, number>>;
  /** What of these versions it has refused, and why. */
  readonly refusals: Refusals;
  /** Absent when something else than Envoy answered. */
  readonly counters?:
    | {
        /** By `<deployment>-<revision>`. */
        readonly backends: Readonly<Record<string, BackendCounters>>;
        /** By deployment: all requests at its listener, and those that the gateway failed without asking any backend. */
        readonly gateway: Readonly<Record<string, { readonly requests: number; readonly errors: number }>>;
        /** By deployment: answers that were not those of the revision which had the request. None of them is evidence. */
        readonly fallback?: Readonly<Record<string, FallbackCounts>> | undefined;
      }
    | undefined;
};

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

/** What a ModelGateway asks of the gateway, and what tells this wish from others. */
export type GatewayWish = { readonly spec: ModelGatewaySpec; readonly uid: string; readonly generation: number };

export type GatewayObserved = {
  readonly namespace: string;
  /** What the ModelGateway wants; undefined without one. `Unreadable`: nothing is changed until it can be read. */
  readonly wish: GatewayWish | 'Unreadable' | undefined;
  /** One for each ModelDeployment of the namespace that is not being deleted. */
  readonly requests: readonly Asking[];
  /** The Deployment of its pods, once it is there. */
  readonly deployment?: GatewayPods | undefined;
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
  /** PEM of the certificates by which gateway pods know the operator. */
  readonly operatorCertificates: string;
  /** Whether pods of the cluster have IPv6 addresses. */
  readonly hasIpv6: boolean;
  /** sha256 of a text as lower-case hex: handed in, because this room has no crypto. */
  hash(text: string): string;
};

// What the ModelGateway planner is given: the object, and the gateway as it is.
import type { PodDefaults } from '@sluice/crds/pod-defaults.ts';
import type { ModelGatewaySpec, ModelGatewayStatus } from '@sluice/crds/v1alpha1/model-gateway.ts';
import type { Refusals } from '../gateway/delivery/refusals.ts';
import type { Place } from '../gateway/places.ts';
import type { GatewayPods } from '../gateway/pull-policy.ts';
import type { Resource } from '../plan.ts';
import type { ObservedCondition, ObservedMetadata } from '../pods/observed.ts';
import type { StartingPod } from '../pods/startup.ts';
import type { LivingWayIn } from './address.ts';
import type { RouteSettings } from './http-route.ts';

export type ModelGateway = Resource<ModelGatewaySpec, ModelGatewayStatus>;

/** The Deployment of gateway pods; counts are absent while they are 0. */
export type ObservedGatewayDeployment = {
  readonly metadata: ObservedMetadata & { readonly generation: number };
  readonly spec?: GatewayPods['spec'];
  readonly status?:
    | {
        readonly observedGeneration?: number | undefined;
        readonly replicas?: number | undefined;
        readonly updatedReplicas?: number | undefined;
        readonly readyReplicas?: number | undefined;
        readonly conditions?: readonly ObservedCondition[] | undefined;
      }
    | undefined;
};

export type ModelGatewayObserved = {
  readonly modelGateway: ModelGateway;
  /** Whether the namespace has a ModelDeployment that is not being deleted. */
  readonly isUsed: boolean;
  readonly deployment: ObservedGatewayDeployment | undefined;
  /** Every pod of the namespace with component `gateway`. */
  readonly pods: readonly StartingPod[];
  /** What ready pods refuse, as they said last. */
  readonly refusals: readonly Refusals[];
  /** Where the front finds models, as the routing table has it. */
  readonly places: readonly Place[];
  /** What leads into the namespace, as far as it is there. */
  readonly wayIn: LivingWayIn;
};

/** What the operator was installed with. */
export type ModelGatewaySettings = RouteSettings & { readonly podDefaults: PodDefaults };

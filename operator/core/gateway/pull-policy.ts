// Which pull policy the gateway's pods have. Another one alone restarts no pod that gets requests: it comes with the next
// image, or when no pod is ready.
import type { PodTemplate } from '../pods/pod-template.ts';

const policies = ['Always', 'IfNotPresent', 'Never'] as const;
type PullPolicy = (typeof policies)[number];

/** The Deployment of gateway pods, as far as it is read here. */
export type GatewayPods = {
  readonly spec?: { readonly template?: PodTemplate | undefined } | undefined;
  readonly status?: { readonly readyReplicas?: number | undefined } | undefined;
};

/** What the chart says. */
export type GatewayImage = { readonly gatewayImage: string; readonly imagePullPolicy: PullPolicy };

/** Name and tag: admission may have put another registry before them. */
const nameOf = (image: string) => image.slice(image.lastIndexOf('/') + 1);

/** That of the ready pods while they have today's image, else today's. @param container the gateway's own. */
export function pullPolicyOf(
  pods: GatewayPods | undefined,
  container: string,
  { gatewayImage, imagePullPolicy }: GatewayImage,
): PullPolicy {
  const live = pods?.spec?.template?.spec.containers.find(({ name }) => name === container);
  const isReady = (pods?.status?.readyReplicas ?? 0) > 0;
  if (!isReady || live?.image === undefined || nameOf(live.image) !== nameOf(gatewayImage)) return imagePullPolicy;
  return policies.find((each) => each === live.imagePullPolicy) ?? imagePullPolicy;
}

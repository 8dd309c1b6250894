// The routing table of a namespace: which listener belongs to which ModelDeployment, which backends Envoy knows, and who
// gets which share. It is persisted in a ConfigMap with a version that only grows; every operator replica answers from it.
import { z } from 'zod';

/** Ports that listeners are given; below the ephemeral range, above everything an image might use. */
export const firstListenerPort = 10_000;
export const lastListenerPort = 10_999;

const name = z.string().min(1).max(253);

export const routesSchema = z.object({
  /** Grows by one with every change; Envoy reports it back, so what a gateway pod knows can be compared. */
  version: z.number().int().min(1),
  /** One listener for each ModelDeployment, sorted by name. */
  listeners: z.array(z.object({ deployment: name, port: z.number().int() })),
  /** Every backend that Envoy shall know, sorted by name: `<deployment>-<revision>`. */
  clusters: z.array(
    z.object({
      name,
      deployment: name,
      revision: name,
      /** A request that takes longer than this at the server is answered by the server itself. */
      requestTimeoutSeconds: z.number().int(),
    }),
  ),
  /** Weights in percent; they sum to 100. A deployment without a route answers 503. */
  routes: z.array(
    z.object({ deployment: name, weights: z.array(z.object({ cluster: name, percent: z.number().int() })).min(1) }),
  ),
});
export type Routes = z.output<typeof routesSchema>;

/** What the gateway must know of one ModelDeployment. */
export type RoutedDeployment = {
  readonly name: string;
  /** The port it was given before, if any. */
  readonly port: number | undefined;
  /** Its revisions that shall be known to Envoy, with their shares; all zero while nothing serves. */
  readonly shares: readonly {
    readonly revision: string;
    readonly percent: number;
    readonly requestTimeoutSeconds: number;
  }[];
};

const byName = (a: { deployment: string }, b: { deployment: string }) => (a.deployment < b.deployment ? -1 : 1);

/** Keeps every port that was given, and gives the lowest free one to the others, in order of name. */
function assignPorts(deployments: readonly RoutedDeployment[]): Routes['listeners'] {
  const taken = new Set<number>();
  const assigned = new Map<string, number>();
  for (const { name: deployment, port } of deployments) {
    if (port === undefined || taken.has(port)) continue;
    taken.add(port);
    assigned.set(deployment, port);
  }
  let next = firstListenerPort;
  for (const { name: deployment } of deployments) {
    if (assigned.has(deployment)) continue;
    while (taken.has(next)) next += 1;
    if (next > lastListenerPort) break;
    taken.add(next);
    assigned.set(deployment, next);
  }
  return [...assigned].map(([deployment, port]) => ({ deployment, port }));
}

/**
 * The routing table that the deployments ask for.
 * @param previous the persisted table; its version is kept when nothing changed.
 * @param knownVersion the highest version that any gateway pod reports: a table that was lost is rebuilt above it.
 */
export function nextRoutes(
  deployments: readonly RoutedDeployment[],
  previous: Routes | undefined,
  knownVersion: number,
): Routes {
  const sorted = [...deployments].sort((a, b) => (a.name < b.name ? -1 : 1));
  const kept = sorted.map((deployment) => ({
    ...deployment,
    port: previous?.listeners.find((listener) => listener.deployment === deployment.name)?.port ?? deployment.port,
  }));
  const content = {
    listeners: assignPorts(kept).sort(byName),
    clusters: sorted.flatMap(({ name: deployment, shares }) =>
      [...shares]
        .sort((a, b) => (a.revision < b.revision ? -1 : 1))
        .map(({ revision, requestTimeoutSeconds }) => ({
          name: `${deployment}-${revision}`,
          deployment,
          revision,
          requestTimeoutSeconds,
        })),
    ),
    routes: sorted.flatMap(({ name: deployment, shares }) => {
      const weights = shares
        .filter(({ percent }) => percent > 0)
        .map(({ revision, percent }) => ({ cluster: `${deployment}-${revision}`, percent }))
        .sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
      return weights.length === 0 ? [] : [{ deployment, weights }];
    }),
  };
  const { version: previousVersion = 0, ...before } = previous ?? {};
  const isSame = previous !== undefined && JSON.stringify(before) === JSON.stringify(content);
  const version =
    isSame && previousVersion >= knownVersion ? previousVersion : Math.max(previousVersion, knownVersion) + 1;
  return { version, ...content };
}

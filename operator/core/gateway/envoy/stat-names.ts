// Names inside Envoy. It has some of its own (`http.admin`, `http.async-client`), and a ModelDeployment may have any DNS label
// as its name: what is a deployment's begins with a prefix that no name of either kind can have, and so does what is ours.

/** Before the name of a deployment, in the statistics of its listener. Without it a deployment `admin` is Envoy's admin port. */
const deploymentPrefix = 'mdep_';

/** Prefix of the statistics of a deployment's listener: `http.<prefix>.…`. */
export const listenerStats = (deployment: string) => `${deploymentPrefix}${deployment}`;

/** The window's own listener and its statistics. */
export const windowName = 'sluice_stats';

/** The cluster by which the window reaches Envoy's admin port. */
export const adminCluster = 'sluice_admin';

/** Envoy's own. */
const envoys = new Set(['admin', 'async-client']);

/**
 * Whose listener's statistics these are; undefined when they are no deployment's. A pod that has not taken this release's
 * listener says the bare name, as earlier releases did.
 */
export function listenerOf(scope: string): { readonly deployment: string; readonly isBare: boolean } | undefined {
  if (scope.startsWith(deploymentPrefix)) return { deployment: scope.slice(deploymentPrefix.length), isBare: false };
  return envoys.has(scope) || scope.includes('_') ? undefined : { deployment: scope, isBare: true };
}

// The way by which the live revision is asked what a candidate failed on: the same pods as its own cluster, under another name.
// It answers there what others failed on, which is no sample of its requests: nothing of it is evidence.
import { revisionName } from '../../../names.ts';
import type { Backend, Route } from '../../routes.ts';
import type { EnvoyPlace } from '../address.ts';
import { cluster } from '../cluster.ts';
import type { EnvoyResource } from '../source.ts';

/** No revision's cluster has an underscore in its name, and none with one is evidence. */
export const liveClusterName = (deployment: string, revision: string) =>
  `${revisionName(deployment, revision)}_fallback`;

/** The live revision, while there is another one that may fail. */
export function liveBeside({ backends, fallback }: Pick<Route, 'backends' | 'fallback'>): Backend | undefined {
  const live = backends.find(({ revision }) => revision === fallback?.live?.revision);
  return backends.length > 1 ? live : undefined;
}

export function liveClusters(route: Route, place: EnvoyPlace): EnvoyResource[] {
  const live = liveBeside(route);
  if (live === undefined) return [];
  return [{ ...cluster(route.deployment, live, place), name: liveClusterName(route.deployment, live.revision) }];
}

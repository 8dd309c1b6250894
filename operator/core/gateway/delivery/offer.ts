// What is offered to the gateways of a namespace: every resource of a table, each with a version of its own, so that only
// what changed is sent, and an operator that knows an older table never gives it to a gateway that has a newer one.
import { largestVersion } from '../routes.ts';

/** In this order a gateway gets what is new. */
export const xdsTypes = ['clusters', 'listeners', 'routes'] as const;
export type XdsType = (typeof xdsTypes)[number];

type Named = {
  readonly name: string;
  /** The ModelDeployment that it is for. */
  readonly deployment: string;
  /** What the gateway reports back: see `resourceVersion`. */
  readonly version: string;
};
export type Sendable<Body> = Named & { readonly body: Body };

/** One that is no resource of Envoy's, and why: it is never sent, and a gateway keeps what it has under this name. */
export type Unfit = Named & { readonly unfit: string };
export type Offered<Body> = Sendable<Body> | Unfit;

export type Offer<Body> = {
  /** That of the table. */
  readonly version: number;
} & { readonly [Type in XdsType]: ReadonlyMap<string, Offered<Body>> };

/** The table's version in which the entry changed, and what the resource is: two contents never have one version. */
export const resourceVersion = (changedIn: number, contentHash: string): string => `${changedIn}.${contentHash}`;

/**
 * Whether who has `version` of a resource needs no other one. Clusters and listeners are the same while their content is.
 * Routes say by their own version that their entry is known as it is: they are sent with every change of it.
 */
export const isSame = (type: XdsType, version: string | undefined, other: string): boolean =>
  version === other || (type !== 'routes' && version !== undefined && contentOf(version) === contentOf(other));

const contentOf = (version: string) => version.slice(version.indexOf('.') + 1);

/** 0 for a version that nobody of us has made. */
export function tableVersionIn(version: string): number {
  const [, digits] = /^(\d{1,13})\./.exec(version) ?? [];
  return digits === undefined ? 0 : Number(digits);
}

/** Whether who has something of version `known` has a newer table than this one. See `hasTable` for numbers that began again. */
export const isAheadOf = (known: number, version: number): boolean =>
  known > version && known - version < largestVersion / 2;

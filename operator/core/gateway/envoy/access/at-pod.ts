// What of the rules on access a gateway pod can keep, by the Secrets that it has.
import type { GatewayAccess } from '@sluice/crds/v1alpha1/gateway/gateway-access.ts';
import type { GatewayRules, Mounted } from '../../access/rules.ts';
import type { KeptTls } from '../tls/filter-chains.ts';

/** Rules that the pod keeps, with what it has for them: of the ways to know callers only those that it has the Secret for. */
export type KeptAccess = { readonly access: GatewayAccess; readonly mounted: Mounted };

/** `Open`: nothing is ruled. `Closed`: the pod lacks a Secret, so nobody gets through it. */
export type AccessAtPod = 'Open' | 'Closed' | KeptAccess;

/**
 * Never open where something is ruled: a pod of before knows fewer callers, or answers nobody, until one with every Secret takes
 * its place.
 */
export function accessAt(rules: GatewayRules | undefined, mounted: Mounted): AccessAtPod {
  if (rules?.tls?.clientCertificates === 'Required' && mounted.tls === undefined) return 'Closed';
  if (rules?.access === undefined) return 'Open';
  const { apiKeys, jwt, ...rest } = rules.access;
  const ways = {
    ...(apiKeys && mounted.keys !== undefined && { apiKeys }),
    ...(jwt && mounted.jwks !== undefined && { jwt }),
  };
  return Object.keys(ways).length === 0 ? 'Closed' : { access: { ...rest, ...ways }, mounted };
}

/** Whether clients who do as the rules say get through the pod: it can tell who they are, and speaks TLS where they do. */
export const letsIn = (rules: GatewayRules | undefined, mounted: Mounted): boolean =>
  accessAt(rules, mounted) !== 'Closed' && (rules?.tls === undefined || mounted.tls !== undefined);

/** Where the pod has the issuer's key set, while it is to know tokens. */
export const keySetOf = (atPod: AccessAtPod): string | undefined =>
  typeof atPod === 'object' && atPod.access.jwt ? atPod.mounted.jwks : undefined;

/** TLS where the pod has the certificate; one of before speaks as it did until it is replaced. */
export const tlsAt = (rules: GatewayRules | undefined, { tls: sources }: Mounted): KeptTls | undefined =>
  rules?.tls && sources !== undefined ? { tls: rules.tls, sources } : undefined;

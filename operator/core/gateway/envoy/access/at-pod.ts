// What of the rules on access a gateway pod can keep, by the Secrets that it has.
import type { GatewayAccess } from '@sluice/crds/v1alpha1/gateway-access.ts';
import { type GatewayRules, type Mounted, secretMounts } from '../../access/rules.ts';

/** Rules that the pod keeps, with what it has for them. */
export type KeptAccess = { readonly access: GatewayAccess; readonly mounted: Mounted };

/** `Open`: nothing is ruled. `Closed`: the pod lacks a Secret, so nobody gets through it. */
export type AccessAtPod = 'Open' | 'Closed' | KeptAccess;

/** Never open where something is ruled: a pod of before answers nobody until one with the Secret takes its place. */
export function accessAt(rules: GatewayRules | undefined, mounted: Mounted): AccessAtPod {
  if (rules?.access === undefined) return 'Open';
  const { access } = rules;
  return secretMounts(rules).every(({ name }) => mounted[name] !== undefined) ? { access, mounted } : 'Closed';
}

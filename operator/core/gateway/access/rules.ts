// The rules of a namespace's gateway on who may ask, as the routing table keeps them, and which files they need.
import { accessSchema } from '@sluice/crds/v1alpha1/gateway-access.ts';
import type { ModelGatewaySpec } from '@sluice/crds/v1alpha1/model-gateway.ts';
import { z } from 'zod';

/** Absent `access`: whoever reaches a listener may ask. */
export const gatewayRulesSchema = z.object({ access: accessSchema.optional() });
export type GatewayRules = z.output<typeof gatewayRulesSchema>;

/** Undefined where nothing is ruled. */
export function rulesOf(spec: ModelGatewaySpec | undefined): GatewayRules | undefined {
  return spec?.access === undefined ? undefined : { access: spec.access };
}

/** Names of the Secrets, each once. */
export const secretNamesOf = (rules: GatewayRules | undefined): string[] => [
  ...new Set(rules === undefined ? [] : secretMounts(rules).map(({ secretName }) => secretName)),
];

/** What of a Secret a gateway pod may have mounted. */
export const mountNames = ['keys', 'jwks'] as const;
export type MountName = (typeof mountNames)[number];

/** The directories of what a gateway pod has mounted. */
export type Mounted = Readonly<Partial<Record<MountName, string | undefined>>>;

/** A Secret by the name under which gateway pods have it. */
export type SecretMount = { readonly name: MountName; readonly secretName: string };

/** The Secrets that the rules need, in the pods that keep them. */
export function secretMounts({ access }: GatewayRules): SecretMount[] {
  return [
    ...(access?.apiKeys ? [{ name: 'keys' as const, secretName: access.apiKeys.secretName }] : []),
    ...(access?.jwt ? [{ name: 'jwks' as const, secretName: access.jwt.jwksSecretName }] : []),
  ];
}

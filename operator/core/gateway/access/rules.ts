// The rules of a namespace's gateway on who may ask and how he speaks, as the routing table keeps them, and which files they need.
import { accessSchema } from '@sluice/crds/v1alpha1/gateway/gateway-access.ts';
import { tlsSchema } from '@sluice/crds/v1alpha1/gateway/gateway-tls.ts';
import type { ModelGatewaySpec } from '@sluice/crds/v1alpha1/model-gateway.ts';
import { z } from 'zod';

/** Absent `access`: whoever reaches a listener may ask. Absent `tls`: in plain HTTP. */
export const gatewayRulesSchema = z.object({ access: accessSchema.optional(), tls: tlsSchema.optional() });
export type GatewayRules = z.output<typeof gatewayRulesSchema>;

/** Undefined where nothing is ruled. */
export function rulesOf(spec: ModelGatewaySpec | undefined): GatewayRules | undefined {
  const { access, tls } = spec ?? {};
  return access === undefined && tls === undefined ? undefined : { ...(access && { access }), ...(tls && { tls }) };
}

/** Names of the Secrets, each once. */
export const secretNamesOf = (rules: GatewayRules | undefined): string[] => [
  ...new Set(rules === undefined ? [] : secretMounts(rules).map(({ secretName }) => secretName)),
];

/** What of a Secret a gateway pod may have mounted. */
export const mountNames = ['keys', 'jwks', 'tls'] as const;
export type MountName = (typeof mountNames)[number];

/** The directories of what a gateway pod has mounted; of `tls` that of the files which tell Envoy of it. */
export type Mounted = Readonly<Partial<Record<MountName, string | undefined>>>;

/** A Secret by the name under which gateway pods have it. */
export type SecretMount = { readonly name: MountName; readonly secretName: string };

/** The Secrets that the rules need, in the pods that keep them. */
export function secretMounts({ access, tls }: GatewayRules): SecretMount[] {
  return [
    ...(access?.apiKeys ? [{ name: 'keys' as const, secretName: access.apiKeys.secretName }] : []),
    ...(access?.jwt ? [{ name: 'jwks' as const, secretName: access.jwt.jwksSecretName }] : []),
    ...(tls ? [{ name: 'tls' as const, secretName: tls.secretName }] : []),
  ];
}

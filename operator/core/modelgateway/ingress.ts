// The Ingress that leads to the front.
import type { Expose } from '@sluice/crds/v1alpha1/gateway/expose.ts';
import { gatewayName } from '../names.ts';
import type { Manifest } from '../plan.ts';
import type { OuterRule } from './outer-rules.ts';

/** The Service of the front, as an Ingress names it. */
const backend = { service: { name: gatewayName, port: { name: 'http' } } };

const ruleOf = ({ host, paths }: OuterRule) => ({
  ...(host === undefined ? {} : { host }),
  http: { paths: paths.map((path) => ({ path, pathType: 'Prefix', backend })) },
});

/** One certificate for all hosts; it is the ingress controller that reads the Secret. */
function tlsOf({ ingress }: Expose, rules: readonly OuterRule[]) {
  if (ingress?.tlsSecretName === undefined) return {};
  const hosts = rules.flatMap(({ host }) => host ?? []);
  return { tls: [{ ...(hosts.length === 0 ? {} : { hosts }), secretName: ingress.tlsSecretName }] };
}

export function ingressManifest(
  metadata: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  expose: Expose,
  rules: readonly OuterRule[],
): Manifest {
  const { annotations = {}, ingress } = expose;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: gatewayName, ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: {
      ...(ingress?.className === undefined ? {} : { ingressClassName: ingress.className }),
      ...tlsOf(expose, rules),
      rules: rules.map(ruleOf),
    },
  };
}

// What a gateway pod has of the operator and for it: certificates that change without a restart, and a token for nobody else.
import { expect, test } from '@jest/globals';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import { gatewayChildren } from '../children.ts';
import { certificatesText, tokenText } from '../envoy/operator-link.ts';

const settings = {
  gatewayImage: 'gateway:1',
  imagePullPolicy: 'Never',
  hasIpv6: false,
  operatorCertificates: 'PEM',
  xdsAddress: { host: 'operator', port: 18_000 },
  podDefaults: noPodDefaults,
  podUser: 'Fixed',
  hash: (text: string) => text,
} as const;

type PodSpec = { readonly automountServiceAccountToken: boolean; readonly volumes: readonly object[] };
type Manifest = {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
};

function children(certificates = 'PEM') {
  const made = gatewayChildren('ml', { ...settings, operatorCertificates: certificates }, undefined);
  const of = (kind: string) => made.map(({ manifest }): Manifest => manifest).find((each) => each.kind === kind);
  return { deployment: of('Deployment'), bootstrap: of('ConfigMap') };
}

test('a gateway pod mounts one token, for us and an hour, and none that the apiserver takes', () => {
  const pod = children().deployment?.spec?.template?.spec;
  expect(pod?.automountServiceAccountToken).toBe(false);
  const tokens = [{ serviceAccountToken: { audience: 'sluice', expirationSeconds: 3600, path: 'token' } }];
  expect(pod?.volumes.filter((volume) => 'projected' in volume)).toEqual([
    { name: 'token', projected: { sources: tokens } },
  ]);
});

test.each([
  ['the namespace’s own, where nobody names one', {}, 'default'],
  ['that of the installation', { serviceAccountName: 'pulling' }, 'pulling'],
])('its token is of the ServiceAccount that the pod has: %s', (_, scheduling, account) => {
  const made = gatewayChildren('ml', { ...settings, podDefaults: { ...noPodDefaults, scheduling } }, undefined);
  const pods = made.map(({ manifest }): Manifest => manifest).find(({ kind }) => kind === 'Deployment');
  expect(pods?.spec?.template?.spec).toMatchObject({ serviceAccountName: account });
});

test('other certificates reach gateway pods by their ConfigMap, and restart none', () => {
  const [before, after] = [children('OLD'), children('OLDNEW')];
  expect(after.deployment).toEqual(before.deployment);
  expect(after.bootstrap?.data?.['operator-certificates.json']).toBe(certificatesText('OLDNEW'));
  expect(before.bootstrap?.data?.['operator-certificates.json']).toBe(certificatesText('OLD'));
});

test('what Envoy reads of the certificates and the token', () => {
  expect(JSON.parse(certificatesText('PEM'))).toEqual({
    resources: [
      {
        '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
        name: 'operator',
        validation_context: {
          trusted_ca: { inline_string: 'PEM' },
          match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: 'xds.sluice.dev' } }],
        },
      },
    ],
  });
  expect(JSON.parse(tokenText)).toMatchObject({
    resources: [{ generic_secret: { secret: { filename: '/var/run/sluice/token' } } }],
  });
});

// Another pull policy alone restarts no gateway pod that gets requests, and heals those that cannot start.
import { expect, test } from '@jest/globals';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import type { PodTemplate } from '../pods/pod-template.ts';
import type { GatewayObserved } from './observed.ts';
import { planGateway } from './plan.ts';
import type { GatewayPods } from './pull-policy.ts';

const settings = {
  gatewayImage: 'registry.example.com/sluice/envoy:1',
  imagePullPolicy: 'IfNotPresent' as const,
  podDefaults: noPodDefaults,
  podUser: 'Fixed' as const,
  operatorCertificates: 'PEM',
  hasIpv6: false,
  xdsAddress: { host: 'operator.sluice-system', port: 18_000 },
  hash: (text: string) => `${text.length}`,
};

/** The pods' template that is planned beside what is live. */
function planned(deployment: GatewayPods | undefined, changes: Partial<{ gatewayImage: string }> = {}): PodTemplate {
  const requests = [{ deployment: 'digits', port: undefined, backends: [] }];
  const observed: GatewayObserved = {
    ...{ namespace: 'ml', wish: undefined, requests, deployment, table: undefined, pods: [], readings: [] },
  };
  const plan = planGateway(observed, 0, { ...settings, imagePullPolicy: 'Always' as never, ...changes });
  const found = plan?.desired.find(({ manifest }) => manifest.kind === 'Deployment')?.manifest;
  return (found as unknown as { spec: { template: PodTemplate } }).spec.template;
}

/** A Deployment of an earlier time, with changes that admission made to its pods. */
function live(readyReplicas: number, mutate: (spec: PodTemplate['spec']) => object = () => ({})): GatewayPods {
  const template = planned(undefined);
  const containers = template.spec.containers.map((each) => ({ ...each, imagePullPolicy: 'IfNotPresent' }));
  const spec = { ...template.spec, containers };
  return { spec: { template: { ...template, spec: { ...spec, ...mutate(spec) } } }, status: { readyReplicas } };
}

const mirrored = ({ containers }: PodTemplate['spec']) => ({
  containers: [
    { name: 'proxy', image: 'proxy:1', imagePullPolicy: 'Never' },
    ...containers.map((each) => ({ ...each, image: 'mirror.example.com/sluice/envoy:1' })),
  ],
});
const ofNobody = ({ containers }: PodTemplate['spec']) => ({
  containers: containers.map((each) => ({ ...each, imagePullPolicy: 'Sometimes' })),
});

test.each<[string, string, GatewayPods | undefined, object]>([
  ['today’s when there are no pods yet', 'Always', undefined, {}],
  ['today’s when none is ready', 'Always', live(0), {}],
  ['theirs while one is ready', 'IfNotPresent', live(1), {}],
  ['theirs, whatever registry and sidecar admission has put there', 'IfNotPresent', live(2, mirrored), {}],
  ['today’s with another image', 'Always', live(2), { gatewayImage: 'registry.example.com/sluice/envoy:2' }],
  ['today’s where there is none of ours', 'Always', live(2, ofNobody), {}],
])('gateway pods have the pull policy that is %s', (_what, policy, deployment, changes) => {
  expect(planned(deployment, changes).spec.containers).toMatchObject([{ imagePullPolicy: policy }]);
});

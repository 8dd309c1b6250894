// As which user pods run: ours, or whatever the cluster gives.
import { describe, expect, test } from '@jest/globals';
import { desiredChildren } from '@sluice/operator/core/modeldeployment/children.ts';
import type { ObservedWorkload } from '@sluice/operator/core/modeldeployment/observed.ts';
import {
  modelDeployment,
  observe,
  pinned,
  record,
  revision,
  settings,
  workload,
} from '@sluice/operator/core/modeldeployment/testing/samples.ts';
import { podTemplate } from '@sluice/operator/core/modeldeployment/workload/workloads.ts';
import { podSecurityContext } from '@sluice/operator/core/pods/restricted-pod.ts';
import { everyManifest, podSpecsOf } from './every-manifest.ts';

const users = ['runAsUser', 'runAsGroup', 'fsGroup', 'supplementalGroups'];

describe('where the cluster gives users', () => {
  const specs = [...podSpecsOf(everyManifest('Cluster'))];

  test('every kind of pod is looked at', () => {
    expect(specs.map(([name]) => name.split(' ')[0]).sort()).toEqual(['Deployment', 'Deployment', 'Job', 'Job', 'Job']);
  });

  test.each(specs)('%s names no user and no group, and still must not be root', (_, { securityContext, ...spec }) => {
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    const contexts = [...spec.containers, ...(spec.initContainers ?? [])].map((each) => each.securityContext);
    for (const context of [securityContext, ...contexts]) {
      expect(Object.keys(context).filter((key) => users.includes(key))).toEqual([]);
    }
  });
});

test.each([...podSpecsOf(everyManifest('Fixed'))])('elsewhere %s runs as the user of our images', (_, spec) => {
  expect(spec.securityContext).toMatchObject({ runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532 });
});

describe('an operator that is installed with another user', () => {
  const deployment = modelDeployment({ server: { replicas: 2 } });
  const running = (ready: number): ObservedWorkload => {
    const known = workload(1, ready);
    const template = podTemplate('digits', revision(1), { ...settings, podUser: 'Fixed' });
    return { ...known, spec: { ...known.spec, template } };
  };
  const contextFor = (workloads: readonly ObservedWorkload[]) => {
    const observed = observe({ modelDeployment: deployment, revisions: [pinned(1)], workloads });
    const place = { stable: record(1), candidate: undefined };
    const children = desiredChildren(
      { observed, place, shares: [], isSettled: true },
      { wanted: undefined, clientPort: undefined, settings: { ...settings, podUser: 'Cluster' } },
    );
    return [...podSpecsOf(children.map(({ manifest }) => manifest)).values()].map((spec) => spec.securityContext);
  };

  test('restarts no model that serves', () => {
    expect(contextFor([running(1)])).toEqual([podSecurityContext('Fixed')]);
  });

  test('gives the new one to servers of which none is ready, such as those that the cluster refused', () => {
    expect(contextFor([running(0)])).toEqual([podSecurityContext('Cluster')]);
    expect(contextFor([])).toEqual([podSecurityContext('Cluster')]);
  });
});

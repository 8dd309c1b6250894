// Another pull policy or another user restarts no model that answers, and heals one that cannot start.
import { describe, expect, test } from '@jest/globals';
import { podSecurityContext } from '../../pods/restricted-pod.ts';
import type { ObservedWorkload } from '../observed.ts';
import { revision, settings, workload } from '../testing/samples.ts';
import { podSettingsOf, withPodSettings } from './pod-settings.ts';
import { podTemplate } from './workloads.ts';

const today = { ...settings, imagePullPolicy: 'Always', podUser: 'Cluster' } as const;
const template = podTemplate('digits', revision(1), settings);
const running = (ready: number): ObservedWorkload => ({ ...workload(1, ready), spec: { replicas: 2, template } });

describe('a change of the settings', () => {
  test('leaves pods as they are while one is ready', () => {
    expect(withPodSettings(template, podSettingsOf(running(1), today))).toEqual(template);
  });

  test.each([
    ['there is none yet', undefined],
    ['none is ready', running(0)],
  ])('is on pods of which %s', (_what, each) => {
    const { spec } = withPodSettings(template, podSettingsOf(each, today));
    expect(spec['securityContext']).toEqual(podSecurityContext('Cluster'));
    for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
      expect(container.imagePullPolicy).toBe('Always');
    }
  });

  describe('is not fought over with admission:', () => {
    type Container = (typeof template.spec.containers)[number];
    const proxy = { name: 'proxy', imagePullPolicy: 'Never' } as Container;
    const always = (each: Container) => ({ ...each, imagePullPolicy: 'Always' });
    const { securityContext } = template.spec;
    const { containers } = template.spec;
    const mutated = (spec: object, ready = 1): ObservedWorkload => ({
      ...running(ready),
      spec: { replicas: 2, template: { ...template, spec: { ...template.spec, ...spec } } },
    });

    test('each container keeps the policy that it gave it, and none that of another', () => {
      const found = podSettingsOf(mutated({ containers: [proxy, ...containers.map(always)] }), settings);
      const { spec } = withPodSettings(template, found);
      expect(spec.containers).toEqual(containers.map(always));
      expect(spec.initContainers).toEqual(template.spec.initContainers);
    });

    test.each<[string, object]>([
      ['a container before ours', { containers: [proxy, ...containers] }],
      ['a user of its own', { securityContext: { ...(securityContext as object), runAsUser: 1_000_650_000 } }],
    ])('%s changes nothing of what is asked, ready or not', (_what, spec) => {
      for (const ready of [0, 1]) {
        expect(withPodSettings(template, podSettingsOf(mutated(spec, ready), settings))).toEqual(template);
      }
    });
  });
});

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

  test('is not fought over with admission: pods keep the policy that it gave them', () => {
    const [server, ...others] = template.spec.containers;
    const containers = [{ ...server, imagePullPolicy: 'Always' }, ...others] as typeof template.spec.containers;
    const mutated = {
      ...running(1),
      spec: { replicas: 2, template: { ...template, spec: { ...template.spec, containers } } },
    };
    expect(podSettingsOf(mutated, settings).imagePullPolicy).toBe('Always');
  });
});

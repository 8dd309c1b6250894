// How the wishes of an installation and of an object come together on a pod.
import { describe, expect, test } from '@jest/globals';
import { type PodDefaults, podDefaultsSchema } from '@sluice/crds/pod-defaults.ts';
import { wishedManifest, wishedTemplate } from './pod-template.ts';

const own = { metadata: { labels: { 'sluice.dev/revision': 'r1' } }, spec: { containers: [] } };
const withDefaults = (changes: object): { defaults: PodDefaults } => ({ defaults: podDefaultsSchema.parse(changes) });
const placed = (spec: object, scheduling: object) =>
  wishedTemplate({ ...own, spec: { ...own.spec, ...spec } }, withDefaults({ scheduling })).spec;

describe('a pod', () => {
  test('of an installation without wishes is what it was', () => {
    const template = { ...own, spec: { ...own.spec, tolerations: [], nodeSelector: {} } };
    expect(wishedTemplate(template, withDefaults({}))).toStrictEqual(template);
  });

  test.each<[string, object, object, object]>([
    ['takes a field that it lacks', {}, { priorityClassName: 'batch' }, { priorityClassName: 'batch' }],
    ['keeps its own', { priorityClassName: 'high' }, { priorityClassName: 'batch' }, { priorityClassName: 'high' }],
    [
      'goes where both send it, and where its own says of the same label',
      { nodeSelector: { disk: 'ssd', pool: 'gpu' } },
      { nodeSelector: { pool: 'ml', zone: 'a' } },
      { nodeSelector: { disk: 'ssd', pool: 'gpu', zone: 'a' } },
    ],
    [
      'tolerates what either says, nothing twice',
      { tolerations: [{ key: 'gpu', operator: 'Exists' }] },
      {
        tolerations: [
          { key: 'ml', operator: 'Exists' },
          { key: 'gpu', operator: 'Exists' },
        ],
      },
      {
        tolerations: [
          { key: 'gpu', operator: 'Exists' },
          { key: 'ml', operator: 'Exists' },
        ],
      },
    ],
    [
      'is pulled with the secrets of both',
      { imagePullSecrets: [{ name: 'own' }] },
      { imagePullSecrets: ['team', 'own'] },
      { imagePullSecrets: [{ name: 'own' }, { name: 'team' }] },
    ],
  ])('%s', (_, spec, scheduling, expected) => {
    expect(placed(spec, scheduling)).toStrictEqual({ ...expected, containers: [] });
  });

  test('has the labels and annotations of its object before those of the installation, and Sluice’s own before both', () => {
    const defaults = withDefaults({ podMetadata: { labels: { team: 'all', cost: '1' }, annotations: { a: 'x' } } });
    const metadata = { labels: { team: 'ml', 'sluice.dev/revision': 'forged' }, annotations: { b: 'y' } };
    expect(wishedTemplate(own, { ...defaults, metadata }).metadata).toEqual({
      labels: { team: 'ml', cost: '1', 'sluice.dev/revision': 'r1' },
      annotations: { a: 'x', b: 'y' },
    });
  });

  test('is made by a Job or Deployment with the same labels and annotations', () => {
    const manifest = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'digits-1', namespace: 'ml', labels: own.metadata.labels },
      spec: { backoffLimit: 0, template: own },
    };
    const wishes = withDefaults({ podMetadata: { labels: { team: 'ml' }, annotations: { owner: 'Ada' } } });
    const wished = { labels: { team: 'ml', 'sluice.dev/revision': 'r1' }, annotations: { owner: 'Ada' } };
    expect(wishedManifest(manifest, wishes)).toMatchObject({
      metadata: { name: 'digits-1', ...wished },
      spec: { backoffLimit: 0, template: { metadata: wished } },
    });
  });
});

describe('a container', () => {
  const container = (resources: object, wished: object) => {
    const one = { name: 'one', resources: { requests: { cpu: '250m' }, limits: { memory: '1Gi' }, ...resources } };
    const spec = { containers: [one], initContainers: [one] };
    const { containers, initContainers } = wishedTemplate({ ...own, spec }, withDefaults({ resources: wished })).spec;
    expect(initContainers).toEqual(containers);
    return containers[0]?.resources;
  };

  test.each<[string, object, number, string]>([
    ['in percent of its request', {}, 400, '1000m'],
    ['of whole cores', { requests: { cpu: '2' } }, 150, '3000m'],
    ['of parts that binary fractions miss', { requests: { cpu: '0.1' } }, 100, '100m'],
    ['of the least request there is', { requests: { cpu: '0.0001' } }, 100, '1m'],
    ['unless it has one', { limits: { cpu: '3' } }, 400, '3'],
  ])('has a CPU limit %s', (_, resources, cpuLimitPercent, cpu) => {
    expect(container(resources, { cpuLimitPercent })).toMatchObject({ limits: { cpu } });
  });

  test('has ephemeral storage where it says none', () => {
    const wished = { ephemeralStorage: { request: '64Mi', limit: '4Gi' } };
    expect(container({}, wished)).toEqual({
      requests: { cpu: '250m', 'ephemeral-storage': '64Mi' },
      limits: { memory: '1Gi', 'ephemeral-storage': '4Gi' },
    });
    const said = { limits: { 'ephemeral-storage': '9Gi' } };
    expect(container(said, wished)).toMatchObject({ limits: { 'ephemeral-storage': '9Gi' } });
  });
});

// Every resource of the goldens fits Envoy's schema and survives it; what does not is an error that says where.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type EnvoyResource, typeUrls } from '../../core/gateway/envoy/source.ts';
import { pack, unpack } from './envoy-api.ts';

const goldens = new URL('../../core/gateway/envoy/testdata/', import.meta.url);
const urls: readonly unknown[] = Object.values(typeUrls);
const resources = readdirSync(goldens)
  .map((file): unknown => parse(readFileSync(new URL(file, goldens), 'utf8')))
  .flatMap((content) => (Array.isArray(content) ? (content as EnvoyResource[]) : []))
  .filter((each) => urls.includes(each['@type']));

describe('a resource', () => {
  test.each(resources.map((each) => [`${each['@type'].split('.').at(-1)} ${each.name}`, each] as const))(
    'of the goldens is what Envoy’s schema says: %s',
    (_, resource) => {
      const packed = pack(resource);
      expect(unpack(packed).name).toBe(resource.name);
      expect(pack(unpack(packed))).toEqual(packed);
    },
  );

  test('of each type is among the goldens', () => {
    expect(new Set(resources.map((each) => each['@type']))).toEqual(new Set(urls));
  });

  const cluster = { '@type': typeUrls.clusters, name: 'digits-aaaa' };
  test.each<[string, EnvoyResource, RegExp]>([
    ['a field that there is not', { ...cluster, connect_timout: '1s' }, /connect_timout/],
    ['a value that its field cannot have', { ...cluster, lb_policy: 'LEAST' }, /lb_policy|LEAST/],
    ['a duration that is none', { ...cluster, connect_timeout: 'soon' }, /soon/],
    ['an extension that is not in the schema', { ...cluster, '@type': 'type.googleapis.com/a.B' }, /messages\.ts/],
  ])('with %s does not fit, and the error says so', (_, resource, problem) => {
    expect(() => pack(resource)).toThrow(problem);
  });
});

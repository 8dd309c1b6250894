// What a ModelDeployment wants clients to be given, as the routing table keeps it and as Envoy is told.
import { describe, expect, test } from '@jest/globals';
import { fallbackSchema, largestStaticAnswer } from '@sluice/crds/v1alpha1/fallback.ts';
import fc from 'fast-check';
import { cluster } from './envoy/cluster.ts';
import { liveBeside, liveClusters } from './envoy/fallback/live-cluster.ts';
import { millisecondsFor } from './envoy/fallback/routes.ts';
import { routeFallback, routeFallbackSchema } from './fallback.ts';
import type { Route } from './routes.ts';

const served = { model: 'digits', live: 'aaaa' };
const label = { name: 'label', datatype: 'BYTES', shape: [1, 1], strings: ['?'] } as const;
const value = { name: 'value', datatype: 'FP32', shape: [2], numbers: [0.5, -1] } as const;

describe('the entry of the routing table', () => {
  test('has the static answer as a model would give it, but for its version', () => {
    const { staticAnswer = '' } = routeFallback(
      fallbackSchema.parse({ staticAnswer: { outputs: [label, value] } }),
      served,
    );
    expect(JSON.parse(staticAnswer)).toEqual({
      model_name: 'digits',
      outputs: [
        { name: 'label', datatype: 'BYTES', shape: [1, 1], data: ['?'] },
        { name: 'value', datatype: 'FP32', shape: [2], data: [0.5, -1] },
      ],
    });
  });

  test('names the live revision where it is wanted, and is not there before there is one', () => {
    const wish = fallbackSchema.parse({ afterMilliseconds: 800, liveVersion: {} });
    const live = { revision: 'aaaa', requestBytes: 65_536 };
    expect(routeFallback(wish, served)).toEqual({ afterMilliseconds: 800, live });
    expect(routeFallback(wish, { ...served, live: undefined })).toEqual({ afterMilliseconds: 800 });
  });

  test('is read back, whatever outputs the schema allows', () => {
    const text = fc.string({ minLength: 64, maxLength: 64, unit: fc.constantFrom('"', '\\', '\u{10ffff}', 'a') });
    const output = fc.oneof(
      fc.record({
        ...{ name: text, datatype: fc.constant('BYTES' as const), shape: fc.constant([2, 2, 2, 1]) },
        strings: fc.array(text, { minLength: 8, maxLength: 8 }),
      }),
      fc.record({
        ...{ name: text, datatype: fc.constant('FP64' as const), shape: fc.constant([64]) },
        numbers: fc.array(fc.double({ min: -1e15, max: 1e15, noNaN: true }), { minLength: 64, maxLength: 64 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(output, { minLength: 4, maxLength: 4 }), (outputs) => {
        const made = routeFallback(fallbackSchema.parse({ staticAnswer: { outputs } }), served);
        expect(made.staticAnswer?.length).toBeLessThan(largestStaticAnswer);
        expect(routeFallbackSchema.parse(made)).toEqual(made);
      }),
    );
  });
});

const backend = (revision: string) => ({ revision, percent: 50, requestTimeoutSeconds: 10 });
const route = (...revisions: string[]): Route => ({
  ...{ deployment: 'digits', port: 10_000, changedIn: 1, changedAt: '2026-01-05T10:00:00Z' },
  backends: revisions.map(backend),
  fallback: { live: { revision: 'aaaa', requestBytes: 1024 } },
});
const place = { namespace: 'ml', clusterDomain: 'cluster.local', hasIpv6: false };

describe('the live revision', () => {
  test.each<[string, Route, string | undefined]>([
    ['is asked while there is another one', route('aaaa', 'bbbb'), 'aaaa'],
    ['is not asked what it failed on itself', route('aaaa'), undefined],
    ['is not asked when its pods are gone', route('bbbb', 'cccc'), undefined],
    ['is not asked where nobody wants it', { ...route('aaaa', 'bbbb'), fallback: { staticAnswer: '{}' } }, undefined],
  ])('%s', (_, entry, revision) => {
    expect(liveBeside(entry)?.revision).toBe(revision);
    expect(liveClusters(entry, place)).toHaveLength(revision === undefined ? 0 : 1);
  });

  test('is asked at the same pods, under a name that is no evidence', () => {
    const [own] = liveClusters(route('aaaa', 'bbbb'), place);
    expect(own).toEqual({ ...cluster('digits', backend('aaaa'), place), name: 'digits-aaaa_fallback' });
  });
});

test.each([
  [undefined, 10, 15_000],
  [800, 10, 800],
  [20_000, 10, 15_000],
])('a budget of %s ms leaves a revision that gives up after %d s %d ms', (afterMilliseconds, seconds, milliseconds) => {
  expect(millisecondsFor({ fallback: { afterMilliseconds } }, seconds)).toBe(milliseconds);
});

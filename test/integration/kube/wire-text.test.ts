// Whatever text a pod, a file or a person leaves: an apiserver that reads a body as YAML stores the same as one that reads JSON.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import fc from 'fast-check';
import { type Cluster, type ConfigMap, configMap, connect } from './cluster.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect();
});

afterAll(() => cluster.close());

const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
const anyUnits = fc.array(unit, { maxLength: 80 }).map((units) => units.join(''));
const text = fc.oneof(anyUnits, fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

/** Every unit that stands alone, many in one text: what one of them breaks, is broken. */
const everyUnit = Array.from({ length: 64 }, (_, block) =>
  Array.from({ length: 1024 }, (_, at) => String.fromCharCode(1024 * block + at)).join(' '),
);

async function applied(name: string, texts: readonly string[]): Promise<string[]> {
  const data = Object.fromEntries(texts.map((each, index) => [`t${index}`, each]));
  const stored = await cluster.client.apply<ConfigMap>(RESOURCES.configMaps, configMap(cluster.namespace, name, data));
  return texts.map((_, index) => stored.data?.[`t${index}`] ?? '');
}

const wellFormed = (texts: readonly string[]) => texts.map((each) => each.toWellFormed());

test('every unit of UTF-16 arrives by server-side apply, and halves of characters as the replacement for them', async () => {
  expect(await applied('units', everyUnit)).toEqual(wellFormed(everyUnit));
});

test('any text arrives by server-side apply', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 50, maxLength: 200 }), async (texts) => {
      expect(await applied('texts', texts)).toEqual(wellFormed(texts));
    }),
    { numRuns: 20 },
  );
});

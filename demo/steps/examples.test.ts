// A user must be able to type what the demo shows, on a cluster with GPUs and on one without.
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { exampleApplication } from './examples.ts';

const file = 'examples/digits/training-job.yaml';

describe('a manifest that asks for a GPU', () => {
  test('is applied as it is where a node offers one', async () => {
    const { commandLine, manifest } = await exampleApplication(file, 'demo', true);
    expect(commandLine).toBe(`kubectl apply --namespace demo -f ${file}`);
    expect(parse(manifest).spec.resources).toMatchObject({ gpu: { count: 1, fallback: 'Allow' } });
  });

  test('is applied without that line where none does, and stays whole otherwise', async () => {
    const [whole, without] = await Promise.all([true, false].map((gpu) => exampleApplication(file, 'demo', gpu)));
    expect(without?.commandLine).toBe(`grep -v '^ *gpu:' ${file} | kubectl apply --namespace demo -f -`);
    const expected = parse(whole?.manifest ?? '');
    delete expected.spec.resources.gpu;
    expect(parse(without?.manifest ?? '')).toEqual(expected);
  });
});

test('a manifest that asks for none is applied as it is everywhere', async () => {
  const { commandLine } = await exampleApplication('examples/digits/storage.yaml', 'demo', false);
  expect(commandLine).toBe('kubectl apply --namespace demo -f examples/digits/storage.yaml');
});

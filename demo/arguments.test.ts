// A wrong command line is refused before anything is built.
import { expect, test } from '@jest/globals';
import { demoCommand, readArguments } from './arguments.ts';

test('runs on a cluster of its own that outlives the demo', () => {
  expect(readArguments([])).toEqual({
    command: 'run',
    namespace: 'demo',
    cluster: { name: 'demo', keep: true },
    target: [],
    isForeign: false,
  });
});

test("runs on the user's cluster with the user's registry", () => {
  const { cluster, isForeign } = readArguments(['--context', 'kind', '--registry', 'host/path']);
  expect(cluster).toEqual({ context: 'kind', registry: 'host/path' });
  expect(isForeign).toBe(true);
});

test("the user's cluster needs a registry, except to clean up", () => {
  expect(() => readArguments(['--context', 'kind'])).toThrow('--context needs --registry');
  expect(readArguments(['--context', 'kind', '--clean']).command).toBe('clean');
});

test.each([[['--frobnicate']], [['extra']]])('%j is refused', (args) => {
  expect(() => readArguments(args)).toThrow();
});

test.each([
  [[], 'npm run demo -- --clean'],
  [['--context', 'kind', '--registry', 'host/path'], 'npm run demo -- --context kind --registry host/path --clean'],
  [['--clean', '--namespace', 'mine'], 'npm run demo -- --namespace mine --clean'],
])('%j is cleaned up by %s', (args, command) => {
  expect(demoCommand(readArguments(args), '--clean')).toBe(command);
});

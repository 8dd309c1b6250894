// What ships: the bundled entry points as child processes, as the kubelet starts and stops them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleRejectedExitCode, bundleRejectionSchema } from '@sluice/crds/contract.ts';
import { bundleServer } from '../build.ts';
import { type BundlePlan, digit, pixels, writeTinyBundle } from './testing/tiny-bundle.ts';

const settings = {
  workers: 1,
  queueSize: 10,
  maxRequestBytes: 1_000_000,
  maxElements: 100_000,
  requestTimeoutSeconds: 10,
  drainSeconds: 1,
};
const plan: BundlePlan = { network: 'MLP', features: [pixels], target: digit };

let directory: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'server-main-'));
  await bundleServer(join(directory, 'dist'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

type Place = { storage: string; model: string; log: string };

async function place(name: string): Promise<Place> {
  const at = (part: string) => join(directory, name, part);
  await mkdir(at('storage'), { recursive: true });
  await mkdir(at('model'));
  return { storage: at('storage'), model: at('model'), log: at('termination-log') };
}

function run(program: string, flags: string[], environment: Record<string, string>) {
  const child = spawn(process.execPath, [program, ...flags], { env: environment });
  children.push(child);
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output.text += chunk.toString();
    });
  }
  return { child, output, exit: once(child, 'exit').then(([code]: unknown[]) => code) };
}

function runServer({ model, log }: Place, digest: string, dist = join(directory, 'dist')) {
  const flags = ['--model-directory', model, '--termination-log', log, '--http-port', '0', '--metrics-port', '0'];
  return run(join(dist, 'main.mjs'), flags, {
    SLUICE_MODEL_NAME: 'tiny',
    SLUICE_MODEL_VERSION: 'tiny-1',
    SLUICE_REVISION: '7c9f4',
    SLUICE_BUNDLE_DIGEST: digest,
    SLUICE_SERVER_SETTINGS: JSON.stringify(settings),
  });
}

function runFetch({ storage, model, log }: Place, digest: string) {
  const flags = ['--storage-directory', storage, '--model-directory', model, '--termination-log', log];
  const uri = `pvc://models/tiny/${digest.replace(':', '-')}`;
  return run(join(directory, 'dist', 'fetch.mjs'), flags, { SLUICE_BUNDLE_URI: uri, SLUICE_BUNDLE_DIGEST: digest });
}

async function logged(
  output: { text: string },
  child: ChildProcess,
  message: string,
): Promise<Record<string, unknown>> {
  for (;;) {
    const lines = output.text.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    const found = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find((line) => line['message'] === message);
    if (found) return found;
    if (child.exitCode !== null) throw new Error(`it ended without saying "${message}": ${output.text}`);
    await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'exit')]);
  }
}

const rejectionIn = async ({ log }: Place) => bundleRejectionSchema.parse(JSON.parse(await readFile(log, 'utf8')));

test('fetch brings the bundle, the server serves it, SIGTERM ends it with exit code 0', async () => {
  const at = await place('good');
  const { digest } = await writeTinyBundle(at.storage, plan);
  await expect(runFetch(at, digest).exit).resolves.toBe(0);
  const { child, output, exit } = runServer(at, digest);
  const { httpPort } = await logged(output, child, 'listening; loading the model');
  await logged(output, child, 'ready');
  const response = await fetch(`http://127.0.0.1:${httpPort}/v2/models/tiny/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      inputs: [{ name: 'pixels', shape: [1, 28, 28, 1], datatype: 'UINT8', data: new Array(784).fill(1) }],
    }),
  });
  expect(response.status).toBe(200);
  child.kill('SIGTERM');
  await expect(exit).resolves.toBe(0);
  await logged(output, child, 'drained');
});

test('SIGTERM while the model loads ends the server with exit code 0', async () => {
  const at = await place('hasty');
  const { digest, directory: model } = await writeTinyBundle(at.storage, plan);
  const { child, output, exit } = runServer({ ...at, model }, digest);
  await logged(output, child, 'listening; loading the model');
  child.kill('SIGTERM');
  await expect(exit).resolves.toBe(0);
});

describe('a bundle that must not be served ends the process with a rejection in the termination message', () => {
  test('fetch: other bytes', async () => {
    const at = await place('corrupt');
    const { digest } = await writeTinyBundle(at.storage, plan);
    await writeFile(join(at.storage, digest.replace(':', '-'), 'weights.bin'), 'damaged');
    await expect(runFetch(at, digest).exit).resolves.toBe(bundleRejectedExitCode);
    await expect(rejectionIn(at)).resolves.toMatchObject({ reason: 'BundleCorrupt' });
  });

  test('fetch: nothing there', async () => {
    const at = await place('missing');
    await expect(runFetch(at, `sha256:${'0'.repeat(64)}`).exit).resolves.toBe(bundleRejectedExitCode);
    await expect(rejectionIn(at)).resolves.toMatchObject({ reason: 'BundleMissing' });
  });

  test('server: a model that predicts NaN', async () => {
    const at = await place('nan');
    const { digest, directory: model } = await writeTinyBundle(at.storage, { ...plan, weight: () => Number.NaN });
    expect(basename(model)).toBe(digest.replace(':', '-'));
    await expect(runServer({ ...at, model }, digest).exit).resolves.toBe(bundleRejectedExitCode);
    await expect(rejectionIn(at)).resolves.toEqual({
      reason: 'BundleUnsupported',
      message: expect.stringMatching(/^warm-up with 1 typical rows failed: the model's output for row 0 is not finite/),
    });
  });

  test('server: a missing .wasm file is not the fault of the bundle, and no rejection', async () => {
    const at = await place('no-wasm');
    const { digest, directory: model } = await writeTinyBundle(at.storage, plan);
    const dist = join(directory, 'dist-without-wasm');
    await cp(join(directory, 'dist'), dist, { recursive: true, filter: (path) => !path.endsWith('.wasm') });
    await expect(runServer({ ...at, model }, digest, dist).exit).resolves.toBe(1);
    await expect(readFile(at.log, 'utf8')).resolves.toMatch(/^a worker died while it loaded the model: /);
  });

  test('server: another digest than the operator wants', async () => {
    const at = await place('other');
    const { directory: model } = await writeTinyBundle(at.storage, plan);
    await expect(runServer({ ...at, model }, `sha256:${'0'.repeat(64)}`).exit).resolves.toBe(bundleRejectedExitCode);
    await expect(rejectionIn(at)).resolves.toMatchObject({ reason: 'BundleCorrupt' });
  });
});

test('a server without its environment names the variable in the termination message', async () => {
  const at = await place('bare');
  await expect(run(join(directory, 'dist', 'main.mjs'), ['--termination-log', at.log], {}).exit).resolves.toBe(1);
  await expect(readFile(at.log, 'utf8')).resolves.toMatch(/^environment variable SLUICE_MODEL_NAME is not set/);
});

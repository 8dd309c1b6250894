// TLS at a gateway, on a real Envoy: what curl is let in with, and certificates that change.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tlsSchema } from '@sluice/crds/v1alpha1/gateway/gateway-tls.ts';
import { frontPort } from '@sluice/operator/core/gateway/envoy/front.ts';
import { runCommand } from '../../cluster/run-command.ts';
import { AccessWorld } from './access-world.ts';

const world = new AccessWorld();
let directory = '';
const at = (name: string) => join(directory, name);
const openssl = (...args: string[]) => runCommand(['openssl', ...args], { cwd: directory });
const ruled = (clientCertificates = 'Off') => ({
  tls: tlsSchema.parse({ secretName: 'digits-tls', clientCertificates }),
});

/** An authority of its own, and a certificate of it for the gateway or for a client. */
async function authority(name: string): Promise<void> {
  const subject = ['-subj', `/CN=${name}`];
  await openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.crt`,
    ...subject,
  );
}
async function certificate(name: string, by: string): Promise<void> {
  await openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    `/CN=${name}`,
    '-addext',
    'subjectAltName=DNS:digits.ml',
  );
  await openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${by}.crt`,
    '-CAkey',
    `${by}.key`,
    '-CAcreateserial',
    '-days',
    '1',
    '-copy_extensions',
    'copy',
    '-out',
    `${name}.crt`,
  );
}
const text = (name: string) => readFileSync(at(name), 'utf8');
const entries = (name: string, ca: string) => ({
  'tls.crt': text(`${name}.crt`),
  'tls.key': text(`${name}.key`),
  'ca.crt': text(`${ca}.crt`),
});

/**
 * What curl gets from a port: the status, or 000 where no connection is made. It comes from another address than the front,
 * which alone speaks to listeners from 127.0.0.1.
 */
async function curl(scheme: string, options: readonly string[], port = world.port): Promise<string> {
  const fixed = ['--silent', '--output', '/dev/null', '--write-out', '%{http_code}', '--interface', '127.0.0.2'];
  const name = ['--resolve', `digits.ml:${port}:127.0.0.1`];
  const url = `${scheme}://digits.ml:${port}/v2/models/digits/infer`;
  return runCommand(['sh', '-c', '"$@" || true', 'sh', 'curl', ...fixed, ...name, ...options, '--data', '{}', url]);
}
const trusting = (ca: string) => ['--cacert', at(`${ca}.crt`)];
const showing = (name: string) => ['--cert', at(`${name}.crt`), '--key', at(`${name}.key`)];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-tls-'));
  for (const name of ['ours', 'theirs']) await authority(name);
  for (const [name, by] of [
    ['one', 'ours'],
    ['client', 'ours'],
    ['stranger', 'theirs'],
    ['two', 'theirs'],
  ] as const)
    await certificate(name, by);
  await world.open();
  await world.secret('tls', entries('one', 'ours'));
  await world.startPod(['tls']);
  await world.rule(ruled());
}, 120_000);
afterAll(async () => {
  await world.close();
  await rm(directory, { recursive: true });
});

test('clients speak TLS, 1.2 at least, and nothing else', async () => {
  expect(await curl('https', trusting('ours'))).toBe('200');
  expect(await curl('https', [...trusting('ours'), '--http1.1', '--tls-max', '1.2'])).toBe('200');
  expect(await curl('https', [...trusting('ours'), '--tls-max', '1.1', '--ciphers', 'DEFAULT@SECLEVEL=0'])).toBe('000');
  expect(await curl('https', trusting('theirs'))).toBe('000');
  expect(await curl('http', [])).toBe('000');
}, 60_000);

test('the front speaks it, too, and reaches the models behind it', async () => {
  expect(await curl('https', trusting('ours'), frontPort)).toBe('200');
  expect(await curl('http', [], frontPort)).toBe('000');
}, 60_000);

test('only clients with a certificate of the authority are let in where they must have one', async () => {
  await world.rule(ruled('Required'));
  expect(await curl('https', [...trusting('ours'), ...showing('client')])).toBe('200');
  expect(await curl('https', [...trusting('ours'), ...showing('client')], frontPort)).toBe('200');
  expect(await curl('https', trusting('ours'), frontPort)).toBe('000');
  expect(await curl('https', [...trusting('ours'), ...showing('stranger')])).toBe('000');
  expect(await curl('https', trusting('ours'))).toBe('000');
  await world.rule(ruled());
}, 60_000);

test('a certificate that changes is followed without a restart', async () => {
  await world.secret('tls', entries('two', 'theirs'));
  let status = '';
  for (let tries = 0; tries < 100 && status !== '200'; tries += 1) status = await curl('https', trusting('theirs'));
  expect(status).toBe('200');
  expect(await curl('https', trusting('ours'))).toBe('000');
}, 60_000);

test('a pod without the certificate lets nobody in where clients must show one', async () => {
  await world.startPod([]);
  await world.rule(ruled('Required'));
  expect(await curl('http', [])).toMatch(/^(503|307)$/);
}, 60_000);

// Checks what is read from a kubeconfig and what is refused.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { FakeClock } from '../testing/fake-clock.ts';
import { loadClusterAccess } from './cluster-access.ts';
import { serviceAccountAccess } from './service-account.ts';
import { kubeconfigFiles } from './token-file.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kube-access-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function kubeconfig(cluster: object, user: object): Promise<string> {
  const path = join(directory, 'config');
  const content = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'ml' } }],
    'current-context': 'x',
  };
  await writeFile(path, stringify(content));
  return path;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

describe('loadClusterAccess', () => {
  test('reads certificates, proxy, server name, namespace and token', async () => {
    const cluster = {
      server: 'https://10.0.0.1:6443',
      'certificate-authority-data': base64('CA'),
      'proxy-url': 'http://proxy:3128',
      'tls-server-name': 'kubernetes',
    };
    const user = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY'), token: 'secret' };
    const access = await loadClusterAccess({ kubeconfig: await kubeconfig(cluster, user) });
    expect(access).toMatchObject({ server: 'https://10.0.0.1:6443', namespace: 'ml', proxyUrl: 'http://proxy:3128' });
    expect(String(access.tls.ca)).toBe('CA');
    expect(String(access.tls.cert)).toBe('CERT');
    expect(String(access.tls.key)).toBe('KEY');
    expect(access.tls.servername).toBe('kubernetes');
    expect(await access.headers(false)).toEqual({ Authorization: 'Bearer secret' });
  });

  test('H14: a rotated token is read when fresh credentials are asked for', async () => {
    const tokenFile = join(directory, 'token');
    await writeFile(tokenFile, 'first\n');
    const user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } };
    const access = await loadClusterAccess({ kubeconfig: await kubeconfig({ server: 'https://a' }, user) });
    expect(await access.headers(false)).toEqual({ Authorization: 'Bearer first' });
    await writeFile(tokenFile, 'second\n');
    expect(await access.headers(false)).toEqual({ Authorization: 'Bearer first' });
    expect(await access.headers(true)).toEqual({ Authorization: 'Bearer second' });
  });

  test.each([
    ['with an absolute path', (file: string) => ({ tokenFile: join(directory, file) })],
    ['with a path from where the kubeconfig lies', (tokenFile: string) => ({ tokenFile })],
    ['rather than a token', (tokenFile: string) => ({ tokenFile, token: 'older' })],
  ])(
    'H14: takes the tokenFile of a user %s, and reads it again when fresh credentials are asked for',
    async (_, user) => {
      await writeFile(join(directory, 'token'), 'first\n');
      const access = await loadClusterAccess({ kubeconfig: await kubeconfig({ server: 'https://a' }, user('token')) });
      expect(await access.headers(false)).toEqual({ Authorization: 'Bearer first' });
      await writeFile(join(directory, 'token'), 'second\n');
      expect(await access.headers(true)).toEqual({ Authorization: 'Bearer second' });
    },
  );

  test('names a tokenFile that is not there', async () => {
    const path = await kubeconfig({ server: 'https://a' }, { tokenFile: 'nowhere' });
    await expect(loadClusterAccess({ kubeconfig: path })).rejects.toThrow(/tokenFile .*nowhere of user "u"/);
  });

  test.each(['http://127.0.0.1:8001', 'http://localhost:8001', 'http://[::1]:8001'])(
    'H16: allows %s, where kubectl proxy listens',
    async (server) => {
      const access = await loadClusterAccess({ kubeconfig: await kubeconfig({ server }, {}) });
      expect(access.server).toBe(server);
    },
  );

  test('H16: refuses plain http to any other address', async () => {
    const path = await kubeconfig({ server: 'http://10.0.0.1:8080' }, {});
    await expect(loadClusterAccess({ kubeconfig: path })).rejects.toThrow('must use https');
  });

  test('H14, H17: in a pod it uses the service account, and reads its token again when asked or after a minute', async () => {
    const clock = new FakeClock();
    const write = (file: string, text: string) => writeFile(join(directory, file), text);
    await Promise.all([write('ca.crt', 'CA\n'), write('namespace', 'sluice\n'), write('token', 'one\n')]);
    const access = await serviceAccountAccess({ host: 'fd00::1', port: '443', directory, clock });
    expect(access).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'sluice', tls: { ca: 'CA' } });
    await write('token', 'two\n');
    expect(await access.headers(false)).toEqual({ Authorization: 'Bearer one' });
    expect(await access.headers(true)).toEqual({ Authorization: 'Bearer two' });
    await write('token', 'three\n');
    await clock.advance(60_001);
    expect(await access.headers(false)).toEqual({ Authorization: 'Bearer three' });
  });

  test('a pod without a service account is told what to set', async () => {
    const inPod = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
    await expect(loadClusterAccess({}, inPod)).rejects.toThrow('automountServiceAccountToken');
  });

  test('names a context that is not there', async () => {
    const path = await kubeconfig({ server: 'https://a' }, {});
    await expect(loadClusterAccess({ kubeconfig: path, context: 'nope' })).rejects.toThrow('no context "nope"');
  });
});

describe('kubeconfigFiles', () => {
  test('are the chosen one, or those of KUBECONFIG, or that of the home directory; only what is there', async () => {
    const home = directory;
    const path = await kubeconfig({ server: 'https://a' }, {});
    await mkdir(join(home, '.kube'));
    await writeFile(join(home, '.kube', 'config'), '');
    expect(kubeconfigFiles('chosen', { KUBECONFIG: path, HOME: home })).toEqual(['chosen']);
    expect(kubeconfigFiles(undefined, { KUBECONFIG: `${path}:nowhere:`, HOME: home })).toEqual([path]);
    expect(kubeconfigFiles(undefined, { HOME: home })).toEqual([join(home, '.kube', 'config')]);
  });
});

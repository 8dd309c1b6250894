// Checks certificates and tunnels as a kubeconfig has them: each side shows its own, also through a proxy.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type ClusterAccess, loadClusterAccess } from '../access/cluster-access.ts';
import { createAuthority } from '../testing/certificates.ts';
import { sendJson } from '../testing/http-server.ts';
import { createTransport, type Transport } from './transport.ts';

const READ = { method: 'GET', path: '/api/v1/pods', deadline: 'read' } as const;
const WRITE = { method: 'POST', path: '/api/v1/pods', deadline: 'write', body: {} } as const;
const authority = createAuthority('cluster');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

let server: Server;
let proxy: Server;
let directory: string;
/** Targets of the tunnels that were asked for. */
let tunnels: string[];
let connections: number;
const transports: Transport[] = [];

function listen(listener: Server): Promise<void> {
  return new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
}

function portOf(listener: Server): number {
  return (listener.address() as AddressInfo).port;
}

beforeAll(async () => {
  const tls = { ...authority.issue('apiserver'), ca: authority.ca, requestCert: true, rejectUnauthorized: true };
  server = createServer(tls, (request, response) => {
    sendJson(response, { user: (request.socket as TLSSocket).getPeerCertificate().subject.CN });
  });
  server.on('secureConnection', () => {
    connections += 1;
  });
  proxy = createHttpServer();
  proxy.on('connect', (request, socket: Socket) => {
    tunnels.push(request.url ?? '');
    const [host, port] = (request.url ?? '').split(':');
    const target = connectTcp(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    socket.on('error', () => target.destroy());
    target.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    target.pipe(socket).pipe(target);
  });
  directory = await mkdtemp(join(tmpdir(), 'sluice-kubeconfig-'));
  await Promise.all([listen(server), listen(proxy)]);
});

afterEach(async () => {
  await Promise.all(transports.splice(0).map((each) => each.close()));
});

afterAll(async () => {
  for (const each of [server, proxy]) {
    each.close();
    each.closeAllConnections();
  }
  await rm(directory, { recursive: true });
});

interface Kubeconfig {
  readonly user: object;
  readonly cluster?: object;
}

async function accessOf({ user, cluster = {} }: Kubeconfig): Promise<ClusterAccess> {
  const address = { server: `https://127.0.0.1:${portOf(server)}`, 'certificate-authority-data': base64(authority.ca) };
  const kubeconfig = {
    clusters: [{ name: 'c', cluster: { ...address, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  const path = join(directory, 'kubeconfig');
  await writeFile(path, JSON.stringify(kubeconfig));
  return loadClusterAccess({ kubeconfig: path });
}

async function open(kubeconfig: Kubeconfig): Promise<Transport> {
  tunnels = [];
  connections = 0;
  const transport = createTransport(await accessOf(kubeconfig), { userAgent: 'test/1' });
  transports.push(transport);
  return transport;
}

function certificateUser(name: string, from = authority): object {
  const { cert, key } = from.issue(name);
  return { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
}

describe('client certificates', () => {
  test('H14: the apiserver sees who the certificate is for, on calls and on watches', async () => {
    const transport = await open({ user: certificateUser('alice') });
    expect(await transport.request(READ)).toEqual({ user: 'alice' });
    const chunks: string[] = [];
    for await (const chunk of await transport.stream({ ...READ, deadline: 'watch' })) chunks.push(String(chunk));
    expect(JSON.parse(chunks.join(''))).toEqual({ user: 'alice' });
  });

  test('H14: one from files is read', async () => {
    const { cert, key } = authority.issue('bob');
    const [certPath, keyPath] = [join(directory, 'bob.crt'), join(directory, 'bob.key')];
    await Promise.all([writeFile(certPath, cert), writeFile(keyPath, key)]);
    const transport = await open({ user: { 'client-certificate': certPath, 'client-key': keyPath } });
    expect(await transport.request(READ)).toEqual({ user: 'bob' });
  });

  test.each([
    ['none', {}],
    ['one of another authority', certificateUser('mallory', createAuthority('elsewhere'))],
  ])('with %s the connection fails as an error of the network', async (_what, user) => {
    await expect((await open({ user })).request(READ)).rejects.toMatchObject({ name: 'NetworkError' });
  });

  test('a server that the kubeconfig’s authority does not know is not spoken to', async () => {
    const cluster = { 'certificate-authority-data': base64(createAuthority('elsewhere').ca) };
    const transport = await open({ user: certificateUser('alice'), cluster });
    await expect(transport.request(WRITE)).rejects.toMatchObject({ name: 'NetworkError' });
    expect(connections).toBe(0);
  });
});

describe('proxies', () => {
  test('H11: a thousand calls with a client certificate go through at most four tunnels, a watch through its own', async () => {
    const transport = await open({
      user: certificateUser('alice'),
      cluster: { 'proxy-url': `http://127.0.0.1:${portOf(proxy)}` },
    });
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => transport.request(READ)));
      expect(answers).toEqual(answers.map(() => ({ user: 'alice' })));
    }
    expect(connections).toBeLessThanOrEqual(4);
    expect(new Set(tunnels)).toEqual(new Set([`127.0.0.1:${portOf(server)}`]));
    expect(tunnels).toHaveLength(connections);
    const before = connections;
    for await (const chunk of await transport.stream({ ...READ, deadline: 'watch' }))
      expect(String(chunk)).toContain('alice');
    expect(connections).toBe(before + 1);
  });

  test('a proxy that refuses is an error of the network', async () => {
    const cluster = { 'proxy-url': `http://127.0.0.1:${portOf(proxy)}`, server: 'https://127.0.0.1:1' };
    const transport = await open({ user: certificateUser('alice'), cluster });
    await expect(transport.request(READ)).rejects.toMatchObject({ name: 'NetworkError' });
  });
});

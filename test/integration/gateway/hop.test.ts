// Operator and gateway know each other: a real Envoy with tokens of a real apiserver, over TLS.
import { generateKeyPairSync } from 'node:crypto';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gatewayPorts } from '@sluice/operator/core/gateway/envoy/bootstrap.ts';
import { operatorName } from '@sluice/operator/core/gateway/envoy/operator-link.ts';
import { hopAudience, type TokenRefusal } from '@sluice/operator/core/gateway/hop/claims.ts';
import { nextRoutingTable, type RoutingTable } from '@sluice/operator/core/gateway/routes.ts';
import { certificate, ofDnsName } from '@sluice/operator/kube/access/x509.ts';
import { type Clock, systemClock } from '@sluice/operator/kube/clock.ts';
import type { Stored } from '@sluice/operator/kube/objects.ts';
import { ClusterKeys } from '@sluice/operator/shell/hop/cluster-keys.ts';
import { GatewayTokens } from '@sluice/operator/shell/hop/gateway-tokens.ts';
import { type Identity, newIdentity } from '@sluice/operator/shell/hop/identity.ts';
import { deltaMethod } from '@sluice/operator/shell/xds/envoy-api.ts';
import { Gate } from '@sluice/operator/shell/xds/gate.ts';
import { startXdsServer, type XdsServer } from '@sluice/operator/shell/xds/server.ts';
import { Agent, request } from 'undici';
import { freePorts } from '../free-ports.ts';
import { type Cluster, connect } from '../kube/cluster.ts';
import { until } from '../operator/controllers-in-cluster.ts';
import { startDnsServer } from './dns-server.ts';
import { type EnvoyProcess, startEnvoy } from './envoy-process.ts';
import { createPod, podToken } from './pod-tokens.ts';

const identity = newIdentity(new Date());
let cluster: Cluster;
let gatewayPod: Stored;
let elsewhere: { readonly namespace: string; readonly pod: Stored };
let envoy: EnvoyProcess;
let server: XdsServer;
let gate: Gate;
let table: RoutingTable | undefined;
let tableChanged = (_namespace: string) => {};
/** By how much the clock of the operator is ahead. */
let aheadMs = 0;
const refusals: TokenRefusal[] = [];
const failures: unknown[] = [];
const closing: (() => unknown)[] = [];

const clock: Clock = { ...systemClock, wall: () => new Date(Date.now() + aheadMs) };

async function start(shown: Identity, port: number): Promise<XdsServer> {
  return startXdsServer({
    port,
    clusterDomain: 'cluster.local',
    hasIpv6: false,
    identity: shown,
    gate,
    tableOf: (namespace) => (namespace === cluster.namespace ? table : undefined),
    watchTables: (changed) => {
      tableChanged = changed;
      return () => {};
    },
    onFailure: (error) => failures.push(error),
  });
}

/** The next table of the namespace. */
function persist(): string {
  const asked = [{ deployment: 'digits', port: undefined, backends: [] }];
  table = { ...nextRoutingTable(asked, table, { knownVersion: 0, now: 0 }), version: (table?.version ?? 0) + 1 };
  tableChanged(cluster.namespace);
  return String(table.version);
}

/** A figure or a text that Envoy tells of itself; empty while it tells nothing. */
async function stat(name: string): Promise<string> {
  try {
    const answer = await fetch(`http://127.0.0.1:${gatewayPorts.stats}/stats?filter=${name}`);
    return new RegExp(`${name}: "?([^"\n]*)`).exec(await answer.text())?.[1] ?? '';
  } catch {
    return '';
  }
}

const hasTaken = (version: string) => until(async () => (await stat('listener_manager.lds.version_text')) === version);
const tokenOf = (pod: Stored, namespace = cluster.namespace) =>
  podToken(cluster.transport, { namespace, pod, audience: hopAudience });

beforeAll(async () => {
  cluster = await connect();
  gatewayPod = await createPod(cluster, 'sluice-gateway-1');
  const namespace = await cluster.createNamespace();
  elsewhere = { namespace, pod: await createPod({ client: cluster.client, namespace }, 'sluice-gateway-1') };
  const gatewayPods = new Set([gatewayPod.metadata.uid, elsewhere.pod.metadata.uid]);
  gate = new Gate({
    tokens: new GatewayTokens({
      keys: new ClusterKeys(cluster.transport, clock),
      isGatewayPod: (_namespace, uid) => gatewayPods.has(uid),
      clock,
    }),
    isReady: () => true,
    onRefusal: (reason) => refusals.push(reason),
    onFailure: (error) => failures.push(error),
    clock,
  });
  const [xdsPort = 0] = await freePorts(1);
  server = await start(identity, xdsPort);
  const dns = await startDnsServer(new Map());
  envoy = await startEnvoy({
    namespace: cluster.namespace,
    podName: gatewayPod.metadata.name,
    xdsPort,
    dnsPort: dns.port,
    hasIpv6: false,
    certificates: identity.certificate,
    token: await podToken(cluster.transport, { namespace: cluster.namespace, audience: hopAudience }),
  });
  closing.push(() => dns.socket.close());
}, 120_000);

afterAll(async () => {
  await envoy.stop();
  server.close();
  for (const close of closing) await close();
  await cluster.close();
  expect(failures).toEqual([]);
});

describe('the token of a gateway pod', () => {
  test('is of no use at the apiserver', async () => {
    const { server: url, tls } = cluster.access;
    const agent = new Agent({ connect: tls });
    const headers = { Authorization: `Bearer ${await tokenOf(gatewayPod)}` };
    const answer = await request(`${url}/api/v1/namespaces`, { dispatcher: agent, headers });
    await answer.body.dump();
    expect(answer.statusCode).toBe(401);
    await agent.close();
  });

  test.each<[string, TokenRefusal, () => Promise<string>]>([
    ['that is of no pod', 'OfNoPod', () => podToken(cluster.transport, { ...cluster, audience: hopAudience })],
    [
      'for the apiserver',
      'OtherAudience',
      () =>
        podToken(cluster.transport, {
          ...{ namespace: cluster.namespace, pod: gatewayPod },
          audience: 'https://kubernetes.default.svc',
        }),
    ],
    ['of a pod that is none of a gateway', 'NoGatewayPod', async () => tokenOf(await createPod(cluster, 'stranger'))],
    ['of a gateway of another namespace', 'OtherNamespace', () => tokenOf(elsewhere.pod, elsewhere.namespace)],
    ['that somebody changed', 'NotOfThisCluster', async () => forged(await tokenOf(gatewayPod))],
  ])('%s opens nothing', async (_, reason, token) => {
    persist();
    await envoy.showToken(await token());
    await until(async () => refusals.includes(reason));
    expect(await stat('listener_manager.lds.version_text')).toBe('');
  });

  test('lets the gateway in as soon as the kubelet has put it there, and it is told its routes', async () => {
    const version = persist();
    await envoy.showToken(await tokenOf(gatewayPod));
    await hasTaken(version);
  });

  test('that has ended opens nothing, and the next one does, while the gateway keeps what it has', async () => {
    const before = await stat('listener_manager.lds.version_text');
    refusals.splice(0);
    aheadMs = 7_200_000;
    gate.check(cluster.namespace);
    await until(async () => refusals.includes('Expired'));
    const version = persist();
    expect(await stat('listener_manager.lds.version_text')).toBe(before);
    aheadMs = 0;
    await envoy.showToken(await tokenOf(gatewayPod));
    await hasTaken(version);
  });
});

/** With one letter of the namespace changed, under the old signature. */
function forged(token: string): string {
  const [header, payload = '', signature] = token.split('.');
  const changed = Buffer.from(payload, 'base64url').toString().replace('"namespace":"', '"namespace":"x');
  return [header, Buffer.from(changed).toString('base64url'), signature].join('.');
}

describe('a gateway', () => {
  /** Another server in the place of the operator. */
  async function replace(shown: Identity): Promise<void> {
    const { port } = server;
    server.close();
    server = await start(shown, port);
  }

  const grows = async (name: string, act: () => Promise<void>) => {
    const before = Number(await stat(name));
    await act();
    await until(async () => Number(await stat(name)) > before);
  };

  test('takes a renewed certificate as soon as it is told of it, and nothing from who shows an unknown one', async () => {
    const next = newIdentity(new Date());
    const before = await stat('listener_manager.lds.version_text');
    const version = persist();
    await hasTaken(version);
    await grows('cluster.sluice-xds.ssl.fail_verify_error', () => replace(next));
    const later = persist();
    expect(await stat('listener_manager.lds.version_text')).toBe(version);
    expect(before).not.toBe(version);
    await envoy.know(identity.certificate + next.certificate);
    await hasTaken(later);
    await replace(identity);
    await hasTaken(persist());
  });

  test('takes nothing from who shows a known certificate of another name', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [validFrom, validUntil] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
    const wanted = {
      subject: 'x',
      issuer: 'x',
      publicKey,
      validFrom,
      validUntil,
      extensions: [ofDnsName('other.name')],
    };
    const pem = certificate(wanted, privateKey);
    await envoy.know(identity.certificate + pem);
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await grows('cluster.sluice-xds.ssl.fail_verify_san', () => replace({ certificate: pem, key }));
    await replace(identity);
    await hasTaken(persist());
  });
});

describe('a stranger', () => {
  const opened = (channel: ReturnType<typeof credentials.createInsecure>): Promise<ServiceError> => {
    const options = { 'grpc.ssl_target_name_override': operatorName, 'grpc.default_authority': operatorName };
    const client = new Client(`127.0.0.1:${server.port}`, channel, options);
    closing.push(() => client.close());
    const { path, requestSerialize, responseDeserialize } = deltaMethod;
    return new Promise((resolve) => {
      client
        .makeBidiStreamRequest(path, requestSerialize, responseDeserialize)
        .on('error', resolve)
        .on('data', () => {});
    });
  };

  test('without a token hears that it is one, and no more', async () => {
    const told = await opened(credentials.createSsl(Buffer.from(identity.certificate)));
    expect(told).toMatchObject({ code: status.UNAUTHENTICATED, details: 'no gateway pod of this operator' });
    expect(refusals).toContain('NoToken');
  });

  test('without TLS hears nothing', async () => {
    expect(await opened(credentials.createInsecure())).toMatchObject({ code: status.UNAVAILABLE });
  });
});

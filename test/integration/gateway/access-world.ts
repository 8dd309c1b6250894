// A gateway pod whose rules on access a test changes: a real Envoy, our xDS server, one model that says what headers it
// was sent, and directories that stand for mounted Secrets.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ports } from '@sluice/crds/contract.ts';
import type { GatewayRules, Mounted, MountName } from '@sluice/operator/core/gateway/access/rules.ts';
import { tlsSources } from '@sluice/operator/core/gateway/envoy/tls/sources.ts';
import type { GatewayState } from '@sluice/operator/core/gateway/observed.ts';
import { firstListenerPort, nextRoutingTable, type RoutingTable } from '@sluice/operator/core/gateway/routes.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { gatewayState } from '@sluice/operator/shell/measure/gateway-state.ts';
import { PodPoller } from '@sluice/operator/shell/measure/pod-poller.ts';
import { closeServer } from '@sluice/operator/shell/status-server.ts';
import { startXdsServer } from '@sluice/operator/shell/xds/server.ts';
import { knownGate, shownIdentity } from '@sluice/operator/shell/xds/testing/known-gate.ts';
import { freePorts } from '../free-ports.ts';
import { startDnsServer } from './dns-server.ts';
import { type EnvoyProcess, startEnvoy } from './envoy-process.ts';

const address = '127.83.0.4';
const hosts = new Map([['digits-aaaa.ml.svc.cluster.local', [address]]]);
/** Whoever is refused is not given it. */
export const staticAnswer = '{"model_name":"digits","outputs":[]}';
const backends = [{ revision: 'aaaa', percent: 100, requestTimeoutSeconds: 10 }];
/** Where the front has it. */
const place = { path: '/v2/models/digits' };
const pod = { name: 'gateway-1', uid: 'gateway-1', ip: '127.0.0.1' };

/** A Secret as the kubelet mounts it: a link to a directory of the moment, changed by one rename. */
async function writeSecret(directory: string, entries: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(directory, { recursive: true });
  const moment = await mkdtemp(join(directory, '..version-'));
  for (const [name, value] of Object.entries(entries)) {
    await writeFile(join(moment, name), value);
    const shown = join(directory, name);
    await rm(shown, { force: true });
    await symlink(join('..data', name), shown);
  }
  await symlink(moment, join(directory, '..next'));
  await rename(join(directory, '..next'), join(directory, '..data'));
}

export class AccessWorld {
  readonly #poller = new PodPoller<GatewayState>(gatewayState, () => {});
  readonly #closing: (() => unknown)[] = [];
  #table: RoutingTable | undefined;
  #tableChanged = () => {};
  #directory = '';
  #envoy: EnvoyProcess | undefined;
  #place = { xdsPort: 0, dnsPort: 0 };
  /** Headers of the last request that the model was sent. */
  lastHeaders: IncomingHttpHeaders = {};
  /** Whether the model fails on requests. */
  isFailing = false;
  /** Requests that the model has answered for the pod of the moment. */
  answered = 0;
  port = firstListenerPort;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get logFile(): string {
    return join(this.#directory, 'gateway.log');
  }

  /** What is counted of the requests, once it is as many as the model has answered. */
  async evidence() {
    const counted = () => {
      const { backends, gateway } = this.#poller.reading(pod.uid)?.report.counters ?? {};
      return { revision: backends?.['digits-aaaa'], gateway: gateway?.['digits'] };
    };
    await until(() => (counted().revision?.requests ?? 0) >= this.answered, 20_000);
    return counted();
  }

  /** What was answered for the model. */
  get fallback() {
    return this.#poller.reading(pod.uid)?.report.counters?.fallback?.['digits'];
  }

  secret(name: MountName, entries: Readonly<Record<string, string>>): Promise<void> {
    return writeSecret(join(this.#directory, name), entries);
  }

  async open(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), 'sluice-access-'));
    const [xdsPort = 0] = await freePorts(1);
    this.port = firstListenerPort + (xdsPort % 999);
    const xds = await startXdsServer({
      port: xdsPort,
      identity: shownIdentity,
      gate: knownGate((error) => {
        throw error;
      }),
      clusterDomain: 'cluster.local',
      hasIpv6: false,
      tableOf: (namespace) => (namespace === 'ml' ? this.#table : undefined),
      watchTables: (changed) => {
        this.#tableChanged = () => changed('ml');
        return () => {};
      },
      onFailure: (error) => {
        throw error;
      },
    });
    const dns = await startDnsServer(hosts);
    const model = await this.#startModel();
    this.#place = { xdsPort, dnsPort: dns.port };
    this.#poller.want('ml', [{ pod, everySeconds: 0.1 }]);
    this.#closing.push(
      () => xds.close(),
      () => dns.socket.close(),
      () => closeServer(model),
      () => this.#poller.close(),
      () => rm(this.#directory, { recursive: true }),
    );
  }

  /** A pod with these Secrets takes the place of the one before. */
  async startPod(names: readonly MountName[]): Promise<void> {
    await this.#envoy?.stop();
    if (this.#envoy) await until(() => this.#poller.silence(pod.uid) !== undefined, 20_000);
    const at = (name: MountName) => join(this.#directory, name === 'tls' ? 'sources' : name);
    const mounted: Mounted = Object.fromEntries(names.map((name) => [name, at(name)]));
    await this.#writeSources();
    const place = { namespace: 'ml', podName: pod.name, hasIpv6: false, ...this.#place, logFile: this.logFile };
    this.answered = 0;
    const known = { certificates: shownIdentity.certificate, token: 'ml' };
    this.#envoy = await startEnvoy({ ...place, ...known, ...(names.length > 0 && { mounted }) });
  }

  /** The files that tell Envoy of the certificate, as they stand beside the bootstrap of a pod. */
  async #writeSources(): Promise<void> {
    const sources = join(this.#directory, 'sources');
    await mkdir(sources, { recursive: true });
    for (const [name, text] of Object.entries(tlsSources(join(this.#directory, 'tls'))))
      await writeFile(join(sources, name), text);
  }

  /** Persists a table with these rules, and waits until Envoy has it. */
  async rule(rules: GatewayRules | undefined): Promise<void> {
    const request = { deployment: 'digits', port: this.port, backends, place, fallback: { staticAnswer } };
    const time = { knownVersion: 0, now: 0, rules, front: { trustedProxies: 0 } };
    const table = nextRoutingTable([request], this.#table, time);
    this.#table = table;
    this.#tableChanged();
    await this.taken();
  }

  /** The ModelDeployment is deleted; resolves when Envoy has no listener for it. */
  async remove(): Promise<void> {
    this.#table = nextRoutingTable([], this.#table, { knownVersion: 0, now: 0, front: { trustedProxies: 0 } });
    this.#tableChanged();
    await until(() => this.#poller.reading(pod.uid)?.report.listeners === this.#table?.version, 30_000);
  }

  async taken(): Promise<void> {
    await until(() => {
      const report = this.#poller.silence(pod.uid) ? undefined : this.#poller.reading(pod.uid)?.report;
      const version = this.#table?.version ?? 0;
      const has = [report?.clusters, report?.listeners, report?.routes['digits']];
      return has.every((each) => each === version) && report?.hosts['digits-aaaa'] === 1;
    }, 30_000);
  }

  /** Lines of JSON that the gateway pod has written. */
  auditLines(): Record<string, unknown>[] {
    const lines = readFileSync(this.logFile, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async close(): Promise<void> {
    await this.#envoy?.stop();
    for (const close of this.#closing) await close();
  }

  async #startModel(): Promise<Server> {
    const model = createServer((request, response) => {
      this.lastHeaders = request.headers;
      this.answered += 1;
      request.resume().once('end', () => response.writeHead(this.isFailing ? 500 : 200).end('answered'));
    });
    model.listen(ports.http, address);
    await once(model, 'listening');
    return model;
  }
}

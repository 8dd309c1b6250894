// A gateway and a model server as they run in pods, as processes of this machine on free ports: Envoy with our configuration,
// and the server with a tiny model.
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { env } from '@sluice/crds/contract.ts';
import { envoyArguments, gatewayPorts } from '@sluice/operator/core/gateway/envoy/bootstrap.ts';
import type { GatewayState } from '@sluice/operator/core/gateway/observed.ts';
import type { Backend, RoutingTable } from '@sluice/operator/core/gateway/routes.ts';
import { firstListenerPort } from '@sluice/operator/core/gateway/routes.ts';
import { revisionName } from '@sluice/operator/core/names.ts';
import { gatewayState, parseGatewayStats } from '@sluice/operator/shell/measure/gateway-state.ts';
import { age, city, price, writeTinyBundle } from '@sluice/server/testing/tiny-bundle.ts';
import { freePorts } from '../../integration/free-ports.ts';
import { envoyBinary } from '../../integration/gateway/envoy-binary.ts';
import { guardProcesses } from '../../integration/process-guard.ts';
import { deployment, goodBody, inferPath, model, revision } from './model.ts';
import { staticBootstrap } from './static-bootstrap.ts';

export type PlaceOptions = {
  readonly requestBytes?: number;
  readonly requestTimeoutSeconds?: number;
  readonly queueSize?: number;
};

export type Place = {
  /** Where clients ask. */
  readonly port: number;
  /** Where the server itself listens. */
  readonly serverPort: number;
  /** What the operator would read. */
  state(): Promise<GatewayState>;
  /** Envoy's own `/stats`, for names that the operator does not read. */
  stats(filter: string): Promise<string>;
  /** Resident memory of both processes, in bytes; throws when one has ended. */
  memory(): { readonly envoy: number; readonly server: number };
  /** Where the logs are. */
  readonly directory: string;
  stop(): Promise<void>;
};

/** Starts both, and waits until a request is answered. */
export async function startPlace(options: PlaceOptions = {}): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-fuzz-'));
  const [port = 0, serverPort = 0, metrics = 0, admin = 0, stats = 0] = await freePorts(5);
  const { child: server } = await startServer(directory, { serverPort, metrics, ...options });
  const envoy = await startGateway(directory, { port, serverPort, admin, stats, ...options });
  const stop = guardProcesses(directory, [pid(server), pid(envoy)]);
  const read = async (filter: string) => await (await fetch(`http://127.0.0.1:${stats}${filter}`)).text();
  const place: Place = {
    ...{ port, serverPort, directory, stop },
    stats: (filter) => read(`/stats?filter=${encodeURIComponent(filter)}`),
    async state() {
      const state = parseGatewayStats(await read(gatewayState.path));
      if (!state) throw new Error('Envoy did not say what it has counted.');
      return state;
    },
    memory: () => ({ envoy: residentBytes(pid(envoy)), server: residentBytes(pid(server)) }),
  };
  await untilAnswered(place, [server, envoy]);
  return place;
}

/** @throws when a process ends instead, or after a minute, with where its log is. */
async function untilAnswered({ port, directory, stop }: Place, processes: readonly ChildProcess[]): Promise<void> {
  const deadline = performance.now() + 60_000;
  while ((await answered(port)) !== 200) {
    const ended = processes.find(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
    if (ended || performance.now() > deadline) {
      const what = ended ? `${ended.spawnargs[0]} has ended` : 'no request is answered';
      const logs = ['server.log', 'envoy.log'].map((name) => readFileSync(join(directory, name), 'utf8').slice(-2000));
      await stop();
      throw new Error(`${what}: ${logs.join('\n')}`);
    }
    await delay(50);
  }
}

async function answered(port: number): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`http://127.0.0.1:${port}${inferPath}`, { method: 'POST', headers, body: goodBody }).catch(
    () => undefined,
  );
  await answer?.text();
  return answer?.status ?? 0;
}

type ServerPorts = { readonly serverPort: number; readonly metrics: number };

async function startServer(directory: string, { serverPort, metrics, ...options }: ServerPorts & PlaceOptions) {
  const storage = join(directory, 'storage');
  await mkdir(storage);
  const bundle = await writeTinyBundle(storage, { network: 'MLP', features: [age, city], target: price });
  const settings = {
    ...{ workers: 1, queueSize: options.queueSize ?? 64, maxElements: 1_048_576, drainSeconds: 1 },
    maxRequestBytes: options.requestBytes ?? 8_388_608,
    requestTimeoutSeconds: options.requestTimeoutSeconds ?? 10,
  };
  const environment = {
    [env.modelName]: model,
    [env.modelVersion]: `${model}-1`,
    [env.revision]: revision,
    [env.bundleDigest]: bundle.digest,
    [env.serverSettings]: JSON.stringify(settings),
  };
  const main = join(import.meta.dirname, '../../../server-image/src/main.ts');
  const flags = ['--model-directory', bundle.directory, '--termination-log', join(directory, 'termination-log')];
  const ports = ['--http-port', String(serverPort), '--metrics-port', String(metrics)];
  const child = start(join(directory, 'server.log'), [process.execPath, main, ...flags, ...ports], environment);
  return { child, digest: bundle.digest };
}

type GatewayPorts = {
  readonly port: number;
  readonly serverPort: number;
  readonly admin: number;
  readonly stats: number;
};

async function startGateway(
  directory: string,
  { port, serverPort, admin, stats, ...options }: GatewayPorts & PlaceOptions,
) {
  const backend: Backend = {
    revision,
    percent: 100,
    requestTimeoutSeconds: options.requestTimeoutSeconds ?? 10,
    ...(options.requestBytes && { requestBytes: options.requestBytes }),
  };
  const since = { changedIn: 1, changedAt: '2026-01-05T10:00:00Z' };
  const table: RoutingTable = {
    version: 1,
    routes: [{ deployment, port: firstListenerPort, ...since, backends: [backend] }],
  };
  const ports = new Map<number, number>([
    [firstListenerPort, port],
    [gatewayPorts.admin, admin],
    [gatewayPorts.stats, stats],
  ]);
  const backendPorts = { [revisionName(deployment, revision)]: serverPort };
  const config = join(directory, 'bootstrap.json');
  await writeFile(config, staticBootstrap({ table, backendPorts, ports }));
  const args = envoyArguments({ config, namespace: 'ml', podName: 'gateway-1' });
  return start(join(directory, 'envoy.log'), [await envoyBinary(), ...args], {});
}

function start(log: string, [program = '', ...args]: readonly string[], environment: Record<string, string>) {
  const output = openSync(log, 'w');
  return spawn(program, args, {
    stdio: ['ignore', output, output],
    detached: true,
    env: { ...process.env, ...environment },
  });
}

function pid(child: ChildProcess): number {
  if (child.pid === undefined || child.exitCode !== null) throw new Error(`${child.spawnargs[0]} has ended.`);
  return child.pid;
}

function residentBytes(process: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${process}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

// A proxy between programs and a real apiserver that delays, refuses, breaks and falsifies what rules say, and records all.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterAccess, loadClusterAccess } from '@sluice/operator/kube/access/cluster-access.ts';
import { stringify } from 'yaml';
import { type ApiRequest, field, nameInBody, parseJson, readTarget } from './api-request.ts';
import { Exchange, resetConnection } from './exchange.ts';
import { Freeze, Link, type LinkState } from './link.ts';
import { isWrite, type RecordedRequest, Recorder } from './record.ts';
import { type Match, matches, type Rule, RuleBook } from './rules.ts';
import { readAll, Upstream } from './upstream.ts';

/** Settings of a proxy. */
export interface FaultProxyOptions {
  /** Kubeconfig of the real apiserver; its credentials are used for every request. */
  readonly kubeconfig: string;
  readonly context?: string | undefined;
  /** Use the credentials that clients send instead, so that an apiserver can refuse them. */
  readonly passCredentials?: boolean | undefined;
  /** Port on 127.0.0.1; any free one when absent. */
  readonly port?: number | undefined;
  readonly rules?: readonly Rule[] | undefined;
  /** File to which a line of JSON is appended for each request that has ended. */
  readonly recordTo?: string | undefined;
  /** Keep the bodies of writes in the record. */
  readonly keepBodies?: boolean | undefined;
}

/** Starts a proxy on plain http on the loopback address. Rejects when the kubeconfig or the port is unusable. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const access = await loadClusterAccess({ kubeconfig: options.kubeconfig, context: options.context });
  const directory = await mkdtemp(join(tmpdir(), 'sluice-fault-proxy-'));
  const proxy = new FaultProxy(access, { ...options, directory });
  await proxy.listen(options.port ?? 0);
  return proxy;
}

/** A running proxy. */
export class FaultProxy {
  /** For clients: this proxy's address, without credentials. */
  readonly kubeconfigPath: string;
  readonly #directory: string;
  readonly #namespace: string | undefined;
  readonly #server: Server;
  readonly #sockets = new Map<Socket, number>();
  #connections = 0;
  readonly #rules = new RuleBook();
  readonly #recorder: Recorder;
  readonly #upstream: Upstream;
  readonly #link = new Link();
  readonly #freezes = new Set<Freeze>();
  readonly #exchanges = new Set<Exchange>();
  #url = '';

  constructor(access: ClusterAccess, options: FaultProxyOptions & { readonly directory: string }) {
    this.#directory = options.directory;
    this.kubeconfigPath = join(options.directory, 'kubeconfig');
    this.#namespace = access.namespace;
    this.#recorder = new Recorder(options);
    this.#upstream = new Upstream(access, options.passCredentials ?? false);
    for (const rule of options.rules ?? []) this.#rules.add(rule);
    this.#server = createServer({ requestTimeout: 0, keepAliveTimeout: 120_000 }, (incoming, outgoing) => {
      void this.#serve(incoming, outgoing);
    });
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  /** For example `http://127.0.0.1:40123`. */
  get url(): string {
    return this.#url;
  }

  /** Connections that clients have opened so far. */
  get connections(): number {
    return this.#connections;
  }

  /** Begins to listen and writes the kubeconfig; `startFaultProxy` has done it. */
  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The fault proxy has no port.');
    this.#url = `http://127.0.0.1:${address.port}`;
    await writeFile(this.kubeconfigPath, kubeconfig(this.#url, this.#namespace));
  }

  /** Every request so far, in the order of arrival; those that match, if asked for. */
  requests(match: Match = {}): readonly RecordedRequest[] {
    return this.#recorder.all.filter((each) => matches(match, asRequest(each)));
  }

  /** Every request so far that changes what is stored, refused ones included. */
  writes(match: Match = {}): readonly RecordedRequest[] {
    return this.requests(match).filter(isWrite);
  }

  /** Adds a rule; the returned function takes it back. Faults under way go on. */
  addRule(rule: Rule): () => void {
    return this.#rules.add(rule);
  }

  /** Watches whose head the client has, to be closed, reset, silenced or lied to. */
  openWatches(match: Match = {}): readonly Exchange[] {
    const wanted = ({ request, isAnswering }: Exchange) => isAnswering && request.verb === 'watch';
    return [...this.#exchanges].filter((each) => wanted(each) && matches(match, each.request));
  }

  /** Cuts, silences or mends the link of all clients. What silence held back goes on when it ends. */
  setLink(state: LinkState): void {
    this.#link.set(state);
    if (state === 'cut') this.#resetAll();
  }

  /**
   * From now until the returned function is called, lists are as of `resourceVersion` and watches tell nothing newer.
   * Reads of single objects are not frozen: an apiserver answers them from a quorum. Rejects when `resourceVersion` is
   * absent and the apiserver cannot be asked for the present one.
   */
  async freeze(match: Match = {}, resourceVersion?: string): Promise<() => void> {
    const freeze = new Freeze(resourceVersion ?? (await this.presentVersion()), match);
    this.#freezes.add(freeze);
    return () => {
      this.#freezes.delete(freeze);
      freeze.thaw();
    };
  }

  /** The resource version of everything stored now. */
  async presentVersion(): Promise<string> {
    const path = '/api/v1/namespaces?limit=1';
    const request = { ...readTarget('GET', path), method: 'GET', path, userAgent: '', headers: {}, body: '' };
    const answer = await this.#upstream.send(request, path);
    const version = field(field(parseJson(await readAll(answer)), 'metadata'), 'resourceVersion');
    if (typeof version !== 'string') throw new Error(`The apiserver answered ${answer.statusCode} to ${path}.`);
    return version;
  }

  /** Ends all connections and removes the kubeconfig. */
  async stop(): Promise<void> {
    this.setLink('cut');
    for (const freeze of this.#freezes) freeze.thaw();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#upstream.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #accept(socket: Socket): void {
    if (this.#link.state === 'cut') {
      resetConnection(socket);
      return;
    }
    this.#connections += 1;
    this.#sockets.set(socket, this.#connections);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #resetAll(): void {
    for (const socket of this.#sockets.keys()) resetConnection(socket);
  }

  /** A client that breaks off before its request is whole has made none. */
  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await readRequest(incoming).catch(() => undefined);
    if (request === undefined) return;
    const around = {
      ...{ rules: this.#rules, recorder: this.#recorder, upstream: this.#upstream },
      ...{ link: this.#link, freezes: this.#freezes },
    };
    const connection = this.#sockets.get(incoming.socket) ?? 0;
    const exchange = new Exchange(around, { request, outgoing, connection });
    this.#exchanges.add(exchange);
    outgoing.once('close', () => this.#exchanges.delete(exchange));
    await exchange.run();
  }
}

async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const { method = 'GET', url: path = '/', headers } = incoming;
  const body = await readAll(incoming);
  const target = readTarget(method, path);
  const name = target.verb === 'create' && target.name === '' ? nameInBody(body) : target.name;
  return { ...target, name, method, path, headers, body, userAgent: headers['user-agent'] ?? '' };
}

function asRequest(entry: RecordedRequest): ApiRequest {
  return { ...entry, method: '', headers: {}, body: entry.requestBody ?? '' };
}

function kubeconfig(server: string, namespace: string | undefined): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'fault-proxy', cluster: { server } }],
    users: [{ name: 'anyone', user: {} }],
    contexts: [
      { name: 'fault-proxy', context: { cluster: 'fault-proxy', user: 'anyone', ...(namespace && { namespace }) } },
    ],
    'current-context': 'fault-proxy',
  });
}

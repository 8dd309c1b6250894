// Finds the apiserver and the credentials: a kubeconfig file, KUBECONFIG, ~/.kube/config, or the pod's service account.
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';

/** Which cluster to talk to; with nothing given, what `kubectl` would choose, then the pod's own cluster. */
export interface ClusterChoice {
  /** Path of a kubeconfig file. */
  readonly kubeconfig?: string | undefined;
  /** Context in it; the current one when absent. */
  readonly context?: string | undefined;
  /** Use the service account of the pod this process runs in. */
  readonly inCluster?: boolean | undefined;
}

/** Certificates in PEM, as `node:tls` takes them. */
export interface TlsSettings {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  servername?: string;
  rejectUnauthorized?: boolean;
}

/** Everything needed to open a connection to one cluster. */
export interface ClusterAccess {
  readonly server: string;
  /** Namespace of the context or of the pod. */
  readonly namespace?: string | undefined;
  readonly tls: TlsSettings;
  readonly proxyUrl?: string | undefined;
  /** Authorization headers; `fresh` reads token files and asks credential plugins again. */
  headers(fresh: boolean): Promise<Record<string, string>>;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Reads the configuration and checks that the server can be spoken to.
 * @throws Error naming the field and the remedy when the configuration is unusable.
 */
export async function loadClusterAccess(choice: ClusterChoice = {}): Promise<ClusterAccess> {
  const config = await readConfig(choice);
  const cluster = config.getCurrentCluster();
  if (!cluster)
    throw new Error(`kubeconfig: context "${config.getCurrentContext()}" names no cluster; choose another context`);
  const url = serverUrl(cluster.server);
  const session = new Session(config, url.protocol === 'http:');
  return {
    server: url.href.replace(/\/$/, ''),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    tls: await session.tls(),
    proxyUrl: cluster.proxyUrl,
    headers: (fresh) => session.headers(fresh),
  };
}

async function readConfig(choice: ClusterChoice): Promise<KubeConfig> {
  const config = new KubeConfig();
  if (choice.inCluster) config.loadFromCluster();
  else if (choice.kubeconfig !== undefined) config.loadFromFile(choice.kubeconfig);
  else config.loadFromDefault();
  if (choice.context !== undefined) {
    if (!config.getContextObject(choice.context)) throw new Error(`kubeconfig: no context "${choice.context}"`);
    config.setCurrentContext(choice.context);
  }
  return config;
}

function serverUrl(server: string): URL {
  const url = new URL(server);
  if (url.protocol === 'https:') return url;
  if (url.protocol === 'http:' && LOOPBACK.has(url.hostname)) return url;
  throw new Error(`kubeconfig: server ${server} must use https; plain http is allowed on the loopback address only`);
}

/** Keeps the authenticators of client-node between requests, and replaces them when fresh credentials are needed. */
class Session {
  readonly #source: KubeConfig;
  readonly #plainHttp: boolean;
  #config: KubeConfig;

  constructor(source: KubeConfig, plainHttp: boolean) {
    this.#source = source;
    this.#plainHttp = plainHttp;
    this.#config = this.#withoutCaches();
  }

  async tls(): Promise<TlsSettings> {
    const { ca, cert, key, servername, rejectUnauthorized } = await this.#options();
    return {
      ...(isPem(ca) && { ca }),
      ...(isPem(cert) && { cert }),
      ...(isPem(key) && { key }),
      ...(servername !== undefined && { servername }),
      ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    };
  }

  async headers(fresh: boolean): Promise<Record<string, string>> {
    if (fresh) this.#config = this.#withoutCaches();
    const options = await this.#options();
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value).trim();
    if (options.auth) headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    return headers;
  }

  async #options(): Promise<RequestOptions> {
    const options: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    return options;
  }

  /** client-node refuses http unless verification is off; the address was checked to be loopback before. */
  #withoutCaches(): KubeConfig {
    const { clusters, users, contexts, currentContext } = this.#source;
    const copy = new KubeConfig();
    const usable = clusters.map((cluster) => (this.#plainHttp ? { ...cluster, skipTLSVerify: true } : cluster));
    copy.loadFromOptions({ clusters: usable, users, contexts, currentContext });
    return copy;
  }
}

function isPem(value: unknown): value is string | Buffer {
  return typeof value === 'string' || Buffer.isBuffer(value);
}

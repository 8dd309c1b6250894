// Finds the apiserver and the credentials: a kubeconfig file, KUBECONFIG, the pod's service account, or ~/.kube/config.
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { serviceAccountAccess } from './service-account.ts';
import { kubeconfigFiles, withTokenFile } from './token-file.ts';

/** Which cluster to talk to; with nothing given, that of KUBECONFIG, of the pod, or of ~/.kube/config. */
export interface ClusterChoice {
  /** Path of a kubeconfig file. */
  readonly kubeconfig?: string | undefined;
  /** Context in it; the current one when absent. */
  readonly context?: string | undefined;
  /** Where a pod's service account is mounted, when not where the kubelet mounts it. */
  readonly serviceAccountDirectory?: string | undefined;
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

type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Reads the configuration and checks that the server can be spoken to. client-node takes 100 MB to load, so a process
 * in a pod does without it.
 * @throws Error naming the field and the remedy when the configuration is unusable.
 */
export async function loadClusterAccess(
  choice: ClusterChoice = {},
  environment: Environment = process.env,
): Promise<ClusterAccess> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, KUBECONFIG } = environment;
  const isChosen = choice.kubeconfig !== undefined || choice.context !== undefined || Boolean(KUBECONFIG);
  if (!isChosen && host && port) return serviceAccountAccess({ host, port, directory: choice.serviceAccountDirectory });
  return kubeconfigAccess(choice, environment);
}

async function kubeconfigAccess(choice: ClusterChoice, environment: Environment): Promise<ClusterAccess> {
  const { KubeConfig: Config, loadYaml } = await import('@kubernetes/client-node');
  const config = new Config();
  if (choice.kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(choice.kubeconfig);
  const context = choice.context ?? config.getCurrentContext();
  const found = config.getContextObject(context);
  const cluster = found === null ? null : config.getCluster(found.cluster);
  if (found === null || cluster === null) {
    throw new Error(`kubeconfig: no context "${context}" with a cluster; see kubectl config get-contexts`);
  }
  config.setCurrentContext(context);
  const files = kubeconfigFiles(choice.kubeconfig, environment);
  config.users = await Promise.all(
    config.users.map((user) => (user.name === found.user ? withTokenFile(user, files, loadYaml) : user)),
  );
  const url = serverUrl(cluster.server);
  const session = new Session(config, { create: () => new Config(), plainHttp: url.protocol === 'http:' });
  return {
    server: url.href.replace(/\/$/, ''),
    namespace: found.namespace,
    tls: await session.tls(),
    proxyUrl: cluster.proxyUrl,
    headers: (fresh) => session.headers(fresh),
  };
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
  readonly #create: () => KubeConfig;
  readonly #plainHttp: boolean;
  #config: KubeConfig;

  constructor(source: KubeConfig, options: { readonly create: () => KubeConfig; readonly plainHttp: boolean }) {
    this.#source = source;
    this.#create = options.create;
    this.#plainHttp = options.plainHttp;
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
    const copy = this.#create();
    const usable = clusters.map((cluster) => (this.#plainHttp ? { ...cluster, skipTLSVerify: true } : cluster));
    copy.loadFromOptions({ clusters: usable, users, contexts, currentContext });
    return copy;
  }
}

function isPem(value: unknown): value is string | Buffer {
  return typeof value === 'string' || Buffer.isBuffer(value);
}

// Envoy's end of the stream, for tests that play one: it takes all that it is told, or refuses what it is to refuse, and
// comes back when the stream breaks.
import { Client, type ClientDuplexStream, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { type XdsType, xdsTypes } from '../../../core/gateway/delivery/offer.ts';
import { operatorName } from '../../../core/gateway/envoy/operator-link.ts';
import { type EnvoyResource, typeUrls } from '../../../core/gateway/envoy/source.ts';
import { type DeltaRequest, type DeltaResponse, deltaMethod, unpack } from '../envoy-api.ts';

export type Taken = {
  readonly type: XdsType;
  readonly resources: readonly EnvoyResource[];
  readonly removed: readonly string[];
  /** The version that it was told with them. */
  readonly version: string;
};

export type DeltaClientOptions = {
  /** host:port */
  readonly address: string;
  /** PEM of what it knows the operator by. */
  readonly certificates: string;
  /** What it shows, at the beginning of each stream. */
  token(): Promise<string>;
  readonly node: { readonly id: string; readonly cluster: string };
  onTaken(taken: Taken): void;
  /** Why what it is told is refused; undefined to take it. */
  refuses?(resource: EnvoyResource): string | undefined;
  onEnd?(error: ServiceError): void;
};

const comeBackMs = 100;

export class DeltaClient {
  readonly #options: DeltaClientOptions;
  readonly #client: Client;
  readonly #versions: Record<XdsType, Map<string, string>> = {
    clusters: new Map(),
    listeners: new Map(),
    routes: new Map(),
  };
  #stream: ClientDuplexStream<DeltaRequest, DeltaResponse> | undefined;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;
  /** What the operator gave it to keep. */
  identifier = '';

  constructor(options: DeltaClientOptions) {
    this.#options = options;
    this.#client = new Client(options.address, credentials.createSsl(Buffer.from(options.certificates)), {
      'grpc.ssl_target_name_override': operatorName,
      'grpc.default_authority': operatorName,
      'grpc.initial_reconnect_backoff_ms': comeBackMs,
      'grpc.max_reconnect_backoff_ms': 5 * comeBackMs,
      'grpc.use_local_subchannel_pool': 1,
    });
    void this.#open();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#stream?.cancel();
    this.#client.close();
  }

  async #open(): Promise<void> {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${await this.#options.token()}`);
    if (this.#isClosed) return;
    const { path, requestSerialize, responseDeserialize } = deltaMethod;
    const stream = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    this.#stream = stream;
    stream.on('data', (response: DeltaResponse) => this.#hear(response));
    stream.on('error', (error: ServiceError) => this.#options.onEnd?.(error));
    stream.on('status', () => {
      if (!this.#isClosed && this.#stream === stream) this.#timer = setTimeout(() => void this.#open(), comeBackMs);
    });
    for (const type of xdsTypes) {
      const has = this.#versions[type];
      const asks = type === 'routes' ? [...this.#versions.listeners.keys()] : [];
      if (type === 'routes' && asks.length === 0) continue;
      this.#say(type, { resourceNamesSubscribe: asks, initialResourceVersions: Object.fromEntries(has) });
    }
  }

  #say(type: XdsType, request: Partial<DeltaRequest>): void {
    this.#stream?.write({ node: this.#options.node, typeUrl: typeUrls[type], ...request });
  }

  #hear(response: DeltaResponse): void {
    const type = xdsTypes.find((each) => typeUrls[each] === response.typeUrl);
    if (!type) return;
    if (response.controlPlane) this.identifier = response.controlPlane.identifier;
    const resources = response.resources.flatMap(({ resource }) => (resource ? [unpack(resource)] : []));
    const [message] = resources.flatMap((resource) => this.#options.refuses?.(resource) ?? []);
    const { nonce: responseNonce, removedResources: removed, systemVersionInfo: version } = response;
    if (message !== undefined) {
      this.#say(type, { responseNonce, errorDetail: { code: 13, message } });
      return;
    }
    for (const each of response.resources) this.#versions[type].set(each.name, each.version);
    for (const name of removed) this.#versions[type].delete(name);
    this.#options.onTaken({ type, resources, removed, version });
    this.#say(type, { responseNonce });
    if (type === 'listeners')
      this.#followRoutes(
        resources.map(({ name }) => name),
        removed,
      );
  }

  #followRoutes(asked: readonly string[], gone: readonly string[]): void {
    for (const name of gone) this.#versions.routes.delete(name);
    if (asked.length + gone.length === 0) return;
    this.#say('routes', { resourceNamesSubscribe: asked, resourceNamesUnsubscribe: gone });
  }
}

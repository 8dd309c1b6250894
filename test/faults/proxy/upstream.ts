// The proxy's own way to the apiserver: one pool of connections, with the credentials of a kubeconfig.
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { ClusterAccess } from '@sluice/operator/kube/access/cluster-access.ts';
import type { ApiRequest } from './api-request.ts';

/** Not passed on in either direction: they belong to one connection, or would hide the bytes from event rules. */
const OF_ONE_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'host', 'accept-encoding', 'content-length'];

/** Connections to one apiserver. */
export class Upstream {
  readonly #access: ClusterAccess;
  readonly #passCredentials: boolean;
  readonly #agent: HttpAgent;

  /** `passCredentials` sends what the client sends instead of the kubeconfig's credentials. */
  constructor(access: ClusterAccess, passCredentials: boolean) {
    this.#access = access;
    this.#passCredentials = passCredentials;
    const isPlain = access.server.startsWith('http:');
    this.#agent = isPlain ? new HttpAgent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true, ...access.tls });
  }

  /** Resolves when the head of the answer is here; rejects when the connection fails or `signal` aborts. */
  async send(request: ApiRequest, path: string, signal?: AbortSignal): Promise<IncomingMessage> {
    const url = new URL(this.#access.server + path);
    const headers = passedOn(request.headers);
    // Node sends the body of a DELETE without saying how long it is, and the apiserver then takes it for a request.
    if (request.body !== '') headers['content-length'] = String(Buffer.byteLength(request.body));
    if (!this.#passCredentials) {
      delete headers['authorization'];
      Object.assign(headers, await this.#access.headers(false));
    }
    const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
    return new Promise((resolve, reject) => {
      const outgoing = send(url, { method: request.method, headers, agent: this.#agent, ...(signal && { signal }) });
      outgoing.on('response', resolve);
      outgoing.on('error', reject);
      outgoing.end(request.body === '' ? undefined : request.body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Headers without those of one hop. */
export function passedOn(headers: ApiRequest['headers'] | IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || OF_ONE_HOP.includes(name)) continue;
    kept[name] = typeof value === 'string' ? value : [...value];
  }
  return kept;
}

/** The whole body as text. */
export async function readAll(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

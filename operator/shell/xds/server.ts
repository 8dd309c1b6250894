// Answers Envoy's polls with what the routing table of its namespace means. Any replica of the operator answers, none
// with an older table than the poller has.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { mountedIn, nodeMetadataSchema } from '../../core/gateway/access/pods.ts';
import type { EnvoyPlace } from '../../core/gateway/envoy/address.ts';
import { frontName } from '../../core/gateway/envoy/front.ts';
import { envoyResources } from '../../core/gateway/envoy/resources.ts';
import { typeUrls, type XdsType } from '../../core/gateway/envoy/source.ts';
import { hasTable, type RoutingTable } from '../../core/gateway/routes.ts';
import type { Clock } from '../../kube/clock.ts';
import { HeldPolls } from './held-polls.ts';

const maxRequestBytes = 262_144;
const discoveryPath = /^\/v3\/discovery:(clusters|listeners|routes)$/;

/** The part of a DiscoveryRequest that decides the answer; `cluster` is the gateway's namespace. */
const requestSchema = z.object({
  version_info: z.string().optional(),
  node: z.object({ cluster: z.string(), metadata: nodeMetadataSchema.optional() }),
  resource_names: z.array(z.string()).optional(),
});
export type DiscoveryRequest = z.output<typeof requestSchema>;

export type DiscoveryAnswer = { readonly status: 200; readonly body: object } | { readonly status: 304 | 404 };

/**
 * What a poll is answered with: 304 while the poller has this table or a newer one, 404 while its namespace has none.
 */
export function answerDiscovery(
  type: XdsType,
  request: DiscoveryRequest,
  table: RoutingTable | undefined,
  place: EnvoyPlace,
): DiscoveryAnswer {
  if (!table) return { status: 404 };
  if (hasTable(Number(request.version_info ?? 0), table)) return { status: 304 };
  const wanted = new Set(request.resource_names);
  const isWanted = (name: string) => wanted.size === 0 || wanted.has(name);
  // Each listener polls for the one route configuration that has its deployment's name: no other is made for it. That of the
  // front is made of all.
  const isOne = type === 'routes' && !wanted.has(frontName);
  const routes = isOne ? table.routes.filter(({ deployment }) => isWanted(deployment)) : table.routes;
  const resources = envoyResources(type, { ...table, routes }, place).filter(({ name }) => isWanted(name));
  return { status: 200, body: { version_info: String(table.version), type_url: typeUrls[type], resources } };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxRequestBytes) throw new RangeError('discovery request too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, body?: object): void {
  response.writeHead(status, body ? { 'content-type': 'application/json' } : {});
  response.end(body ? JSON.stringify(body) : undefined);
}

export type XdsOptions = {
  readonly port: number;
  readonly clusterDomain: string;
  readonly hasIpv6: boolean;
  /** The persisted table of a namespace. */
  tableOf(namespace: string): RoutingTable | undefined;
  /** Calls `changed` for each namespace whose table may be another one, until the returned function is called. */
  watchTables(changed: (namespace: string) => void): () => void;
  /** Told of polls that could not be read or answered. */
  onFailure(error: unknown): void;
  readonly clock?: Clock | undefined;
};

/** Who has the newest table already is answered when there is another one, or after some seconds. */
async function answer(
  { options, held }: { readonly options: XdsOptions; readonly held: HeldPolls },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const type = discoveryPath.exec(request.url ?? '')?.[1] as XdsType | undefined;
  if (request.method !== 'POST' || !type) return send(response, 404);
  const parsed = requestSchema.safeParse(JSON.parse(await readBody(request)));
  if (!parsed.success) return send(response, 400);
  const namespace = parsed.data.node.cluster;
  const { clusterDomain, hasIpv6 } = options;
  const place = { namespace, clusterDomain, hasIpv6, mounted: mountedIn(parsed.data.node.metadata) };
  const answerNow = () => answerDiscovery(type, parsed.data, options.tableOf(namespace), place);
  const first = answerNow();
  if (first.status === 304) await held.hold(namespace);
  const { status, ...rest } = first.status === 304 ? answerNow() : first;
  send(response, status, 'body' in rest ? rest.body : undefined);
}

/** Starts listening; the returned server is closed by the caller. */
export async function startXdsServer(options: XdsOptions): Promise<Server> {
  const held = new HeldPolls(options.clock);
  const server = createServer((request, response) => {
    answer({ options, held }, request, response).catch((error: unknown) => {
      options.onFailure(error);
      if (!response.headersSent) send(response, error instanceof RangeError ? 413 : 400);
    });
  });
  const end = options.watchTables((namespace) => held.release(namespace));
  server.once('close', () => {
    end();
    held.close();
  });
  server.requestTimeout = 10_000;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, () => resolve());
  });
  return server;
}

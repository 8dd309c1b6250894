// A local HTTP server that answers as a test says: the apiserver's side of the wire, misbehaving on demand.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ClusterAccess } from '../access/cluster-access.ts';

/** A request as it came over the wire. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers one request; whoever leaves the response open holds the line. */
export type Answer = (request: SeenRequest, response: ServerResponse) => void;

/** A running server, what it was asked, and how many connections it accepted. */
export interface TestServer {
  readonly access: ClusterAccess;
  readonly seen: readonly SeenRequest[];
  readonly connections: () => number;
  /** Replaces the answer from the next request on. */
  answer(next: Answer): void;
  close(): Promise<void>;
}

/** Starts a server on a free loopback port. */
export async function startTestServer(first: Answer): Promise<TestServer> {
  let answer = first;
  let connections = 0;
  const seen: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    const serve = async (): Promise<void> => {
      const url = new URL(incoming.url ?? '/', 'http://localhost');
      const body = await text(incoming);
      const { method = '', headers } = incoming;
      const request = { method, path: url.pathname, query: url.searchParams, headers, body };
      seen.push(request);
      answer(request, response);
    };
    serve().catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    access: accessTo(`http://127.0.0.1:${port}`),
    seen,
    connections: () => connections,
    answer: (next) => {
      answer = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Access without credentials. */
export function accessTo(server: string): ClusterAccess {
  return { server, tls: {}, headers: () => Promise.resolve({}) };
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, body: unknown, status = 200, headers = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

// The operator's own HTTP listener for kubelet and Prometheus: /livez, /readyz, /metrics.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Metrics } from './metrics.ts';

export type Probes = {
  /** False when the process cannot go on: the kubelet restarts it. */
  alive(): boolean;
  /** Empty when ready, else why not. */
  notReady(): string;
};

function answer(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8') {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}

const liveness = (alive: boolean): [number, string] => (alive ? [200, 'ok\n'] : [500, 'the workers are stuck\n']);

/** Starts listening; the returned server is closed by the caller. */
export async function startStatusServer(port: number, metrics: Metrics, probes: Probes): Promise<Server> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    if (request.method !== 'GET') return answer(response, 405, 'only GET\n');
    if (path === '/livez') return answer(response, ...liveness(probes.alive()));
    if (path === '/readyz') {
      const why = probes.notReady();
      return answer(response, why === '' ? 200 : 503, why === '' ? 'ok\n' : `${why}\n`);
    }
    if (path !== '/metrics') return answer(response, 404, 'try /livez, /readyz or /metrics\n');
    metrics.text().then(
      (text) => answer(response, 200, text, metrics.registry.contentType),
      (error: unknown) => answer(response, 500, `${String(error)}\n`),
    );
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve());
  });
  return server;
}

/** Ends a server at once: who polls it asks another replica. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

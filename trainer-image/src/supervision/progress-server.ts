// Serves `GET /progress`; the operator pulls it.
import { createServer, type Server } from 'node:http';
import type { ProgressReport } from '@sluice/crds/contract.ts';

/** Starts the server; resolves when it listens. Port 0 takes any free one. */
export function serveProgress(port: number, describe: () => ProgressReport): Promise<Server> {
  const server = createServer((request, response) => {
    const found = request.method === 'GET' && request.url === '/progress';
    const body = found ? describe() : { error: 'Only GET /progress is served here.' };
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  server.requestTimeout = 5000;
  server.maxConnections = 16;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve(server));
  });
}

// The second port: Prometheus text on /metrics, apart from the clients' port so that the gateway never exposes it.
import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';
import { log } from '../log.ts';

/** Builds the listener; it listens nowhere yet. */
export function createMetricsListener(registry: Registry): Server {
  return createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end('GET /metrics\n');
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (error: unknown) => {
        log('error', 'the metrics could not be collected', { cause: String(error) });
        response.writeHead(500).end();
      },
    );
  });
}

// The server's side of a reflector's tests: pods that are listed and watched, and refused when a test says so.
import type { ServerResponse } from 'node:http';
import { sendJson } from './http-server.ts';

/** A pod as JSON. */
export function pod(name: string, version: string, uid = `uid-of-${name}`): Record<string, unknown> {
  return { metadata: { name, namespace: 'default', uid, resourceVersion: version, managedFields: [{}] } };
}

/** What a list gives, and the watches that were opened. */
export class FakePods {
  items: unknown[] = [];
  listVersion = '10';
  readonly watches: { readonly version: string; readonly response: ServerResponse }[] = [];
  readonly lists: URLSearchParams[] = [];
  refusal: { status: number; body: unknown; headers?: Record<string, string> } | undefined;

  readonly answer = (request: { query: URLSearchParams }, response: ServerResponse): void => {
    if (this.refusal !== undefined) sendJson(response, this.refusal.body, this.refusal.status, this.refusal.headers);
    else if (request.query.get('watch') === 'true') {
      response.writeHead(200);
      response.flushHeaders();
      this.watches.push({ version: request.query.get('resourceVersion') ?? '', response });
    } else {
      this.lists.push(request.query);
      sendJson(response, { metadata: { resourceVersion: this.listVersion }, items: this.items });
    }
  };

  /** The stream of the newest watch. */
  get stream(): ServerResponse {
    const newest = this.watches.at(-1);
    if (newest === undefined) throw new Error('no watch was opened');
    return newest.response;
  }

  send(type: string, object: unknown): void {
    this.stream.write(`${JSON.stringify({ type, object })}\n`);
  }
}

// Stands between a client and the gateway, passes everything on as it came, and keeps what was asked and how it was answered.
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request as a client sent it, and its answer. */
export type Exchange = {
  readonly method: string;
  readonly path: string;
  /** Names and values as they were sent, without those that belong to the connection. */
  readonly headers: readonly (readonly [string, string])[];
  /** In base64. */
  readonly body: string;
  readonly status: number;
  readonly type: string;
  /** What an error says. */
  readonly error?: string;
};

const ofConnection = ['host', 'connection', 'transfer-encoding', 'content-length', 'expect'];

function headerPairs(raw: readonly string[]): [string, string][] {
  const pairs = raw.flatMap((name, index): [string, string][] => (index % 2 ? [] : [[name, raw[index + 1] ?? '']]));
  return pairs.filter(([name]) => !ofConnection.includes(name.toLowerCase()));
}

/** Sends a request with these headers and no others, and reads its answer. */
export async function send(host: string, asked: Pick<Exchange, 'method' | 'path' | 'headers' | 'body'>) {
  const [hostname = '', port = ''] = host.split(':');
  const body = Buffer.from(asked.body, 'base64');
  const { method, path } = asked;
  const outgoing = request({ hostname, port, method, path, setDefaultHeaders: false });
  outgoing.setHeader('host', host);
  for (const [name, value] of asked.headers) outgoing.setHeader(name, value);
  if (body.length > 0 || method === 'POST') outgoing.setHeader('content-length', body.length);
  const answered = once(outgoing, 'response');
  outgoing.end(body);
  const [response] = await answered;
  return { response, bytes: await buffer(response), type: String(response.headers['content-type'] ?? '') };
}

/** @returns where it listens, and what it has kept by then. */
export async function startRecorder(host: string) {
  const exchanges: Exchange[] = [];
  const server: Server = createServer(async (incoming, outgoing) => {
    const { method = '', url: path = '', rawHeaders } = incoming;
    const asked = { method, path, headers: headerPairs(rawHeaders), body: (await buffer(incoming)).toString('base64') };
    const { response, bytes, type } = await send(host, asked);
    const status = response.statusCode ?? 0;
    exchanges.push({ ...asked, status, type, ...(status >= 400 ? { error: errorOf(bytes) } : {}) });
    const headers = headerPairs(response.rawHeaders).flat();
    outgoing.writeHead(status, [...headers, 'content-length', String(bytes.length)]).end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { host: `127.0.0.1:${port}`, exchanges, server };
}

export function errorOf(bytes: Buffer): string {
  try {
    return String((JSON.parse(bytes.toString()) as { error?: unknown }).error);
  } catch {
    return '';
  }
}

// Loopback addresses for played pods: each has one of its own, because the operator asks pods on fixed ports.
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

interface Place {
  readonly address: string;
  readonly port: number;
}

/** The second part of the address differs between processes, so that two runs on a machine seldom meet. */
let last = (1 + (process.pid % 250)) * 65_536;

/** The next address of 127.0.0.0/8, for example `127.17.0.1`. */
export function nextAddress(): string {
  last += 1;
  if (last % 256 === 0 || last % 256 === 255) return nextAddress();
  return `127.${(last >> 16) & 255}.${(last >> 8) & 255}.${last & 255}`;
}

/** Listens on `port` of `address`; undefined when somebody listens on that port of all addresses of the machine. */
export async function tryListen(place: Place, answer: RequestListener): Promise<Server | undefined> {
  try {
    return await listenOnce(place, answer);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

/** Somebody may listen on all addresses of the machine for a while. */
const patience = { tries: 150, pauseMs: 100 };

/** Listens on `port` of `address`. Rejects when the port stays taken for fifteen seconds. */
export async function listen(place: Place, answer: RequestListener): Promise<Server> {
  for (let tried = 0; tried < patience.tries; tried += 1) {
    const server = await tryListen(place, answer);
    if (server) return server;
    await delay(patience.pauseMs);
  }
  throw new Error(`Port ${place.port} is taken on all addresses: end the program that listens there.`);
}

async function listenOnce({ address, port }: Place, answer: RequestListener): Promise<Server> {
  const server = createServer(answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  return server;
}

/** Stops listening and breaks open connections, as a pod does that is gone. */
export function hangUp(server: Server | undefined): void {
  server?.close();
  server?.closeAllConnections();
}

// Finds TCP ports that nobody listens on.
import { createServer, type Server } from 'node:net';

/** Ports that this process was given before: who got them may not listen yet. */
const given = new Set<number>();

/** Ports that were free a moment ago on 127.0.0.1, and that nobody was given before. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = await close(await listen());
    if (!given.has(port)) ports.push(port);
    given.add(port);
  }
  return ports;
}

function listen(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function close(server: Server): Promise<number> {
  const address = server.address();
  return new Promise((resolve, reject) => {
    server.close(() =>
      typeof address === 'object' && address
        ? resolve(address.port)
        : reject(new Error('A listening server has no port.')),
    );
  });
}

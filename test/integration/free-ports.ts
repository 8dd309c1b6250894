// Finds TCP ports that nobody listens on.
import { createServer, type Server } from 'node:net';

/** Ports that were free a moment ago on 127.0.0.1; all are held until the last is found, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  return Promise.all(servers.map(close));
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

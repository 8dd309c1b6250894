// Lets one process of this machine do a piece of work while others wait for it.
import { createHash } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Runs `work` while no other process runs work of the same name. The lock is a listening abstract socket: the kernel
 * releases it when its process dies, however it dies, so there is no stale lock to judge.
 */
export async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  const address = `\0sluice-${createHash('sha256').update(name).digest('hex')}`;
  let release = await tryAcquire(address);
  while (release === undefined) {
    await released(address);
    release = await tryAcquire(address);
  }
  try {
    return await work();
  } finally {
    release();
  }
}

function tryAcquire(address: string): Promise<(() => void) | undefined> {
  const waiting = new Set<Socket>();
  const server: Server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => waiting.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(address, () =>
      resolve(() => {
        server.close();
        for (const socket of waiting) socket.destroy();
      }),
    );
  });
}

/** Resolves when the present holder lets go; a refused connection means that it already has. */
function released(address: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.resume();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve());
  });
}

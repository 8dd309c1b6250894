// Says a conversation on a socket of its own, and hears what is answered.
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Deed } from './conversation.ts';

/** After its last deed a client listens so long at most. */
const listenMs = 300;

/** Status codes of HTTP/1 answers, in order. */
export type Heard = { readonly statuses: readonly number[]; readonly text: string };

const statusesIn = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));

async function perform(socket: Socket, deed: Deed, over: Promise<void>): Promise<void> {
  if (deed.type === 'Wait') await Promise.race([over, delay(deed.milliseconds)]);
  if (deed.type === 'Send' && socket.writable) socket.write(deed.bytes);
  if (deed.type === 'HalfClose') socket.end();
  if (deed.type === 'Reset') socket.resetAndDestroy();
}

/**
 * Never rejects: whatever becomes of the connection is the client's own affair.
 * @param isEnough whether it has heard what it wanted, and goes.
 */
export async function say(port: number, deeds: readonly Deed[], isEnough = (_text: string) => false): Promise<Heard> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    const end = () => {
      isOver = true;
      resolve();
    };
    socket.once('close', end).once('end', end);
    socket.on('data', (bytes: Buffer) => {
      if (text.length < 65_536) text += bytes.toString('latin1');
      if (isEnough(text)) end();
    });
  });
  socket.on('error', () => socket.destroy());
  for (const deed of deeds) {
    if (isOver) break;
    await perform(socket, deed, over);
  }
  await Promise.race([over, delay(listenMs)]);
  socket.destroy();
  return { statuses: statusesIn(text), text };
}

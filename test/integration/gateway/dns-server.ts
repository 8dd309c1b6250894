// A DNS server for one test: it knows the names that it is told, each with the addresses of the moment.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const typeA = 1;
const noSuchName = 3;

/** The name and type that a query asks for, and where its question ends. */
function question(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function record(address: string): Buffer {
  const fixed = Buffer.from([0xc0, 0x0c, 0, typeA, 0, 1, 0, 0, 0, 1, 0, 4]);
  return Buffer.concat([fixed, Buffer.from(address.split('.').map(Number))]);
}

/** RFC 1035, as far as A records go; other types of a known name have no records. */
function answer(query: Buffer, hosts: ReadonlyMap<string, readonly string[]>): Buffer {
  const { name, type, end } = question(query);
  const addresses = type === typeA ? (hosts.get(name) ?? []) : [];
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580 | (hosts.has(name) ? 0 : noSuchName), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  return Buffer.concat([header, query.subarray(12, end), ...addresses.map(record)]);
}

/** Answers on a free UDP port of 127.0.0.1 until the socket is closed. */
export async function startDnsServer(
  hosts: ReadonlyMap<string, readonly string[]>,
): Promise<{ port: number; socket: Socket }> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => socket.send(answer(query, hosts), from.port, from.address));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, socket };
}

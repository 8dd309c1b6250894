// Runs in a pod: sends requests at a constant rate and prints one JSON line for each, until it finds a file or its
// standard input ends. With an order in a file (the first argument) it needs nobody: it outlives whoever started it.
// The rate is open loop: a slow answer delays no later request, and the time it takes counts from when it was due.
import { existsSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import type { LoadAnswer } from '../load/summary.ts';

/** The first line of standard input, or a file. */
export type LoadOrder = {
  readonly url: string;
  readonly requestsPerSecond: number;
  /** Sent one after the other, again and again. */
  readonly bodies: readonly string[];
  /** The last request is sent when this file appears: the end of standard input does not always come through. */
  readonly stopFile: string;
};

/** Longer than the server's own limit and the gateway's: who gives up first is counted by the one that lost. */
const timeoutMilliseconds = 20_000;
/** Load that nobody stops ends by itself. */
const longestMilliseconds = 30 * 60_000;
const agent = new Agent({ keepAlive: true });

function send(url: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sending = request(url, { method: 'POST', agent, headers, timeout: timeoutMilliseconds }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    sending.on('timeout', () => sending.destroy(new Error('timeout')));
    sending.on('error', reject);
    sending.end(body);
  });
}

const versionIn = (text: string) => /"model_version":"([^"]*)"/.exec(text)?.[1];

async function ask(url: string, body: string, dueAt: number): Promise<void> {
  const at = performance.timeOrigin + dueAt;
  const took = () => performance.now() - dueAt;
  let answer: LoadAnswer;
  try {
    const { status, text } = await send(url, body);
    const version = versionIn(text);
    answer = { at, milliseconds: took(), status, ...(version === undefined ? {} : { version }) };
  } catch (error) {
    answer = { at, milliseconds: took(), error: error instanceof Error ? error.message : String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

/** Sends until it shall stop, then does `atEnd`. */
function work({ url, requestsPerSecond, bodies, stopFile }: LoadOrder, isLeft: () => boolean, atEnd: () => void): void {
  const interval = 1000 / requestsPerSecond;
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const isOver = performance.now() - startedAt > longestMilliseconds;
    if (isOver || isLeft() || existsSync(stopFile)) {
      clearInterval(timer);
      atEnd();
      return;
    }
    for (; startedAt + sent * interval <= performance.now(); sent += 1) {
      void ask(url, bodies[sent % bodies.length] ?? '', startedAt + sent * interval);
    }
  }, interval / 4);
}

function obeyInput(): void {
  const input = createInterface(process.stdin);
  let inputEnded = false;
  input.once('line', (line) => {
    work(
      JSON.parse(line) as LoadOrder,
      () => inputEnded,
      () => process.stdin.destroy(),
    );
  });
  input.once('close', () => {
    inputEnded = true;
  });
}

const [orderFile] = process.argv.slice(2);
if (orderFile === undefined) obeyInput();
else {
  work(
    JSON.parse(readFileSync(orderFile, 'utf8')) as LoadOrder,
    () => false,
    () => {},
  );
}

// A page in a real browser that asks from another origin: Debian's Chromium, which hands its steps to the page's own server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { installPackages, isDebianRoot } from '../cluster/debian-packages.ts';
import { directoryOnPath } from '../cluster/program-path.ts';
import { readSteps, type Step } from './steps.ts';

const patienceSeconds = 60;

export type Page = { readonly origin: string; readonly steps: Promise<Step[]>; readonly server: Server };

/** Serves the page; its origin is what the models must allow. */
export async function startPage(): Promise<Page> {
  const html = await readFile(new URL('programs/page.html', import.meta.url));
  const { promise: steps, resolve, reject } = Promise.withResolvers<Step[]>();
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') {
      response.setHeader('content-type', 'text/html').end(html);
      return;
    }
    const told = JSON.parse(await text(request)) as object[];
    response.end();
    resolve(readSteps(told.map((step) => JSON.stringify(step)).join('\n')));
  });
  server.on('error', reject).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, steps, server };
}

async function chromium(): Promise<string> {
  if (!(await directoryOnPath(['chromium']))) {
    if (!(await isDebianRoot())) throw new Error('Install the package chromium.');
    await installPackages(['--no-install-recommends', 'chromium']);
  }
  return 'chromium';
}

/** Opens the page in a browser until it has told its steps. */
export async function browse(page: Page, hosts: { readonly people: string; readonly digits: string }): Promise<Step[]> {
  const program = await chromium();
  const profile = await mkdtemp(join(tmpdir(), 'sluice-browser-'));
  const url = `${page.origin}/?people=${hosts.people}&digits=${hosts.digits}`;
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
  const child = spawn(program, [...flags, `--user-data-dir=${profile}`, url], { detached: true, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const tooEarly = ended.then(() => {
    throw new Error('the browser ended before its page was done');
  });
  const tooLate = delay(patienceSeconds * 1000, undefined, { ref: false }).then(() => {
    throw new Error(`the page was not done within ${patienceSeconds} s`);
  });
  try {
    return await Promise.race([page.steps, tooEarly, tooLate]);
  } finally {
    // Its children are in its group.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

// Makes Docker usable: a daemon that answers, or one that is installed and started where that is ours to do.
import { spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { cachePath } from './cache-directory.ts';
import { installPackages, isDebianRoot } from './debian-packages.ts';
import { exclusively } from './exclusively.ts';
import type { Progress } from './progress.ts';
import { runCommand, succeeds } from './run-command.ts';

const answersWithinSeconds = 60;

/** Resolves when `docker` works; rejects with the remedy where Docker is neither there nor ours to install. */
export async function ensureDocker(progress: Progress): Promise<void> {
  if (await dockerAnswers()) return;
  await exclusively('docker', async () => {
    if (await dockerAnswers()) return;
    if (!(await isDebianRoot())) {
      throw new Error('Docker does not answer. Install and start Docker, or give your own cluster by --context.');
    }
    if (!existsSync('/usr/sbin/dockerd') && !existsSync('/usr/bin/dockerd')) {
      await progress.stage('install Docker', () => installPackages(['docker.io']));
    }
    await progress.stage('start Docker', startDaemon);
  });
}

function dockerAnswers(): Promise<boolean> {
  return succeeds(['docker', 'version']);
}

/** The daemon outlives this process: with systemd as a service, without it in a session of its own. */
async function startDaemon(): Promise<void> {
  if (existsSync('/run/systemd/system')) {
    await runCommand(['systemctl', 'start', 'docker']);
    return;
  }
  const logPath = cachePath('dockerd.log');
  await mkdir(cachePath(), { recursive: true });
  const log = openSync(logPath, 'w');
  const daemon = spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] });
  const failure = new Promise<never>((_, reject) => daemon.once('error', reject));
  daemon.unref();
  await Promise.race([failure, untilDockerAnswers(logPath)]);
}

async function untilDockerAnswers(logPath: string): Promise<void> {
  const deadline = performance.now() + answersWithinSeconds * 1000;
  while (!(await dockerAnswers())) {
    if (performance.now() > deadline) {
      const lastLines = (await readFile(logPath, 'utf8')).trimEnd().split('\n').slice(-4).join('\n');
      throw new Error(
        `dockerd did not answer within ${answersWithinSeconds} s; its log ${logPath} ends with: ${lastLines}`,
      );
    }
    await delay(250);
  }
}

// The image that the project's own images are built on: the official Node image, or one made here where it cannot be pulled.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contentKey } from './cache-directory.ts';
import { ensureDocker } from './docker-daemon.ts';
import { buildImage, imageCanBeHad, imageExists } from './docker-image.ts';
import { Progress } from './progress.ts';
import { rootFileSystemImage } from './root-file-system.ts';

const officialImage = 'node:22-bookworm-slim';
const packages = ['ca-certificates'];
const dockerfile = join(import.meta.dirname, 'base', 'Dockerfile');
const node = join(import.meta.dirname, '..', '..', 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');

/**
 * Reference of an image with Debian 12 and Node 22 at /usr/local/bin/node. One that is made here also holds this machine's
 * certificate authorities, so that a build inside it reaches the same registries as a build outside.
 */
export async function baseImage(progress = new Progress()): Promise<string> {
  await ensureDocker(progress);
  const authorities = await certificateAuthorities();
  const contents = await Promise.all([authorities, dockerfile, node].map((path) => readFile(path)));
  const reference = `localhost/sluice-base:${contentKey([...contents, ...packages])}`;
  if (await imageExists(reference)) return reference;
  if (await imageCanBeHad(officialImage)) return officialImage;
  const rootFileSystem = await rootFileSystemImage(packages, progress);
  await progress.stage('build the base image', () =>
    buildImage(reference, {
      dockerfile,
      context: { node, 'ca-certificates.crt': authorities },
      buildArguments: { ROOT_FILE_SYSTEM: rootFileSystem },
    }),
  );
  return reference;
}

async function certificateAuthorities(): Promise<string> {
  const candidates = [
    process.env['SSL_CERT_FILE'],
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/pki/tls/certs/ca-bundle.crt',
  ];
  const found = candidates.find((path) => path !== undefined && existsSync(path));
  if (found === undefined) throw new Error('No certificate authorities found; set SSL_CERT_FILE to a PEM bundle.');
  return found;
}

// Builds the project's four images: each part is bundled on this machine, then put on the base image by its Dockerfile.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleOperator } from '../../operator/build.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { bundleServer } from '../../server-image/build.ts';
import { bundleTrainer } from '../../trainer-image/build.ts';
import { baseImage } from './base-image.ts';
import type { Progress } from './progress.ts';
import { runCommand } from './run-command.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The images by part; the chart names them the same way. */
export const imageParts = ['operator', 'trainer', 'server', 'gateway'] as const;
export type ImagePart = (typeof imageParts)[number];

/** The canonical name: what the chart installs when no value is set. */
export const imageName = (part: ImagePart, registry = 'ghcr.io/sluice-dev', tag = packageJson.version) =>
  `${registry}/${part}:${tag}`;

const recipes: Record<ImagePart, { folder: string; bundle?: (directory: string) => Promise<void> }> = {
  operator: { folder: 'operator', bundle: bundleOperator },
  trainer: { folder: 'trainer-image', bundle: bundleTrainer },
  server: { folder: 'server-image', bundle: bundleServer },
  gateway: { folder: 'gateway-image' },
};

async function buildImage(part: ImagePart, base: string, report: (line: string) => void): Promise<string> {
  const { folder, bundle } = recipes[part];
  const context = join(root, folder);
  const dist = join(context, 'dist');
  if (bundle) {
    await rm(dist, { recursive: true, force: true });
    await bundle(dist);
  }
  const name = imageName(part);
  const command = ['docker', 'build', '--quiet', '--build-arg', `BASE_IMAGE=${base}`, '--tag', name, context];
  await runCommand(command, { onErrorLine: report, env: { DOCKER_BUILDKIT: '0' } });
  return name;
}

/** Builds every image, one after the other: Docker's layer cache makes an unchanged one take a second. */
export async function buildImages(progress: Progress, parts: readonly ImagePart[] = imageParts): Promise<string[]> {
  const base = await baseImage(progress);
  const names: string[] = [];
  for (const part of parts) {
    names.push(await progress.stage(`building image ${part}`, (report) => buildImage(part, base, report)));
  }
  return names;
}

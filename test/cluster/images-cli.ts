// npm run images [part ...]: builds the images on this machine and prints their names.
import { readCommandLine, refuse } from '../command-line.ts';
import { ensureDocker } from './docker-daemon.ts';
import { buildImages, imageParts } from './images.ts';
import { Progress } from './progress.ts';

const command = {
  name: 'npm run images --',
  summary: 'Builds the images on this machine and prints their names.',
  words: { name: '[PART...]', help: imageParts.map((part) => [part, `the image of the ${part}`] as const) },
  options: {},
} as const;
const { positionals: wanted } = readCommandLine(command);
const unknown = wanted.filter((part) => !imageParts.some((known) => known === part));
if (unknown.length > 0) refuse(command, `unknown image ${unknown.join(', ')}`);
const progress = new Progress();
await ensureDocker(progress);
const parts = imageParts.filter((part) => wanted.length === 0 || wanted.includes(part));
for (const name of await buildImages(progress, parts)) console.log(name);

// npm run render: writes install.yaml from the chart.
import { writeFile } from 'node:fs/promises';
import { readCommandLine } from '../command-line.ts';
import { installPath, renderInstall } from './chart.ts';
import { kubernetesTools } from './kubernetes-tools.ts';
import { Progress } from './progress.ts';

readCommandLine({ name: 'npm run render --', summary: 'Writes install.yaml from the chart.', options: {} });
await writeFile(installPath, await renderInstall(await kubernetesTools(new Progress())));

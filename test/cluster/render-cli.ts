// npm run render: writes install.yaml from the chart.
import { writeFile } from 'node:fs/promises';
import { installPath, renderInstall } from './chart.ts';
import { kubernetesTools } from './kubernetes-tools.ts';
import { Progress } from './progress.ts';

await writeFile(installPath, await renderInstall(await kubernetesTools(new Progress())));

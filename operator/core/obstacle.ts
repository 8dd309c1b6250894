// What keeps a ModelDeployment from going on, as its conditions say it.
import type { ModelDeploymentReason } from '@sluice/crds/reasons.ts';

export type Obstacle = { readonly reason: ModelDeploymentReason; readonly message: string };

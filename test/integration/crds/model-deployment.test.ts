// Every rule of a ModelDeployment on a real apiserver: what it takes, what it refuses, and what it says.
import { modelDeploymentCases } from './model-deployment.cases.ts';
import { runCases } from './rule-case.ts';

runCases(modelDeploymentCases);

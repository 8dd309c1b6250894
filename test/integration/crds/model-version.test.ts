// Every rule of a ModelVersion on a real apiserver: what it takes, what it refuses, and what it says.
import { modelVersionCases } from './model-version.cases.ts';
import { runCases } from './rule-case.ts';

runCases(modelVersionCases);

// Every rule of a TrainingJob on a real apiserver: what it takes, what it refuses, and what it says.

import { runCases } from './rule-case.ts';
import { trainingJobCases } from './training-job.cases.ts';

runCases(trainingJobCases);

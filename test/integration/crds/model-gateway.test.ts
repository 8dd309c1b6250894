// Every rule of a ModelGateway on a real apiserver: what it takes, what it refuses, and what it says.
import { modelGatewayCases } from './model-gateway.cases.ts';
import { runCases } from './rule-case.ts';

runCases(modelGatewayCases);

// What kwok does with nodes and pods: nodes are ready, pods run at once and end well two seconds later. Servers do not end,
// and gateways are left to who plays them.
import { type TrainingResult, trainingResultSchema } from '@sluice/crds/contract.ts';
import { labels } from '@sluice/operator/core/names.ts';
import { success } from '@sluice/operator/core/trainingjob/testing/samples.ts';
import { trainersAddress } from './trainer-progress.ts';

/**
 * Of every server: nobody asks them. What a Service leads to must be no address of this machine alone, or the apiserver
 * refuses each EndpointSlice of it, and the controller tries again and again.
 */
const serversAddress = '10.64.0.1';

/** How long a pod runs, in milliseconds. */
export const podRunMs = 2000;

/** What a trainer leaves in its termination message; each job has a model of its own, so equal bundles do not meet. */
export const trainingResult: TrainingResult = trainingResultSchema.parse({ success });

const stage = (name: string, spec: object) => ({
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name },
  spec,
});

const is = (key: string, ...values: string[]) => ({ key, operator: 'In', values });
const pod = { apiGroup: 'v1', kind: 'Pod' };
const isNot = (...components: string[]) => ({
  key: `.metadata.labels["${labels.component}"]`,
  operator: 'NotIn',
  values: components,
});

const nodeIsReady = stage('node-is-ready', {
  resourceRef: { apiGroup: 'v1', kind: 'Node' },
  selector: {
    matchExpressions: [
      { key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: 'NotIn', values: ['True'] },
    ],
  },
  next: {
    statusTemplate: `
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- {type: {{ .type | Quote }}, status: {{ .status | Quote }}, reason: {{ .reason | Quote }}, message: {{ .message | Quote }}, lastHeartbeatTime: {{ $now | Quote }}, lastTransitionTime: {{ $now | Quote }}}
{{ end }}
addresses: [{type: InternalIP, address: 127.0.0.1}]
allocatable: {cpu: 1k, memory: 4Ti, pods: "4000"}
capacity: {cpu: 1k, memory: 4Ti, pods: "4000"}
phase: Running
`,
  },
});

/** Every pod but servers has the address at which `trainer-progress.ts` answers. */
const podRuns = stage('pod-runs', {
  resourceRef: pod,
  selector: {
    matchExpressions: [
      { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
      is('.status.phase', 'Pending'),
      isNot('gateway'),
    ],
  },
  next: {
    statusTemplate: `
{{ $now := Now }}
conditions:
- {type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }}}
containerStatuses:
{{ range .spec.containers }}
- {image: {{ .image | Quote }}, imageID: "", name: {{ .name | Quote }}, ready: true, started: true, restartCount: 0, state: {running: {startedAt: {{ $now | Quote }}}}}
{{ end }}
hostIP: 127.0.0.1
podIP: {{ if eq (index .metadata.labels "${labels.component}") "server" }}${serversAddress}{{ else }}${trainersAddress}{{ end }}
phase: Running
startTime: {{ $now | Quote }}
`,
  },
});

const podEnds = stage('pod-ends', {
  resourceRef: pod,
  selector: {
    matchExpressions: [
      { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
      is('.status.phase', 'Running'),
      isNot('gateway', 'server'),
    ],
  },
  delay: { durationMilliseconds: podRunMs },
  next: {
    statusTemplate: `
{{ $now := Now }}
{{ $started := .status.startTime }}
conditions:
- {type: Initialized, status: "True", reason: PodCompleted, lastTransitionTime: {{ $started | Quote }}}
- {type: Ready, status: "False", reason: PodCompleted, lastTransitionTime: {{ $now | Quote }}}
- {type: ContainersReady, status: "False", reason: PodCompleted, lastTransitionTime: {{ $now | Quote }}}
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  imageID: ""
  name: {{ .name | Quote }}
  ready: false
  started: false
  restartCount: 0
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $started | Quote }}
      finishedAt: {{ $now | Quote }}
      message: '${JSON.stringify(trainingResult)}'
{{ end }}
phase: Succeeded
`,
  },
});

const podGoes = stage('pod-goes', {
  resourceRef: pod,
  selector: { matchExpressions: [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }] },
  next: { delete: true },
});

/** Everything that kwok reads at its start. */
export const kwokConfiguration: readonly object[] = [
  {
    apiVersion: 'config.kwok.x-k8s.io/v1alpha1',
    kind: 'KwokConfiguration',
    options: {
      manageAllNodes: true,
      podPlayStageParallelism: 32,
      podsOnNodeSyncParallelism: 4,
      nodePlayStageParallelism: 4,
      nodeLeaseParallelism: 4,
      nodeLeaseDurationSeconds: 40,
    },
  },
  nodeIsReady,
  podRuns,
  podEnds,
  podGoes,
];

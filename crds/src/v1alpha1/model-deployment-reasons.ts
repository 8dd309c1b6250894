// Every reason of a ModelDeployment.
import { childRefused, nameTaken, nothing, predecessorGoing, type ReasonTable, specInvalid } from '../reason-table.ts';

export const modelDeploymentReasons = {
  Serving: {
    on: ['Ready', 'Available'],
    meaning: 'The wanted version gets all the traffic.',
    remedy: nothing,
  },
  StableServes: {
    on: ['Ready'],
    meaning: 'A proven version serves while another is on its way or cannot start.',
    remedy: nothing,
  },
  NothingServes: {
    on: ['Ready', 'Available', 'Event'],
    meaning: 'No version can answer requests now.',
    remedy: 'Read the messages of Ready and Stalled, which say what is missing.',
  },
  NoVersion: {
    on: ['Ready'],
    meaning: 'No ModelVersion of model.name is Ready yet.',
    remedy: 'Create a TrainingJob with this modelName, or import a ModelVersion.',
  },
  VersionNotFound: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
    meaning: 'There is no ModelVersion of the name in model.version, or with the bytes of model.digest.',
    remedy: 'Set model.version or model.digest to one that kubectl get mver -o wide shows.',
  },
  VersionNotReady: {
    on: ['Ready', 'Stalled', 'Event'],
    meaning: 'The ModelVersion that model.version or model.digest pins is not Ready.',
    remedy: 'Read the conditions of that ModelVersion, or pin another.',
  },
  WarmingUp: {
    on: ['Ready', 'Reconciling', 'Progressing', 'Event'],
    meaning: 'The server pods of the new revision start and load the model; traffic has not moved.',
    remedy: nothing,
  },
  SwitchingTraffic: {
    on: ['Ready', 'Reconciling', 'Progressing', 'Event'],
    meaning: 'The gateway is moving all requests to the new revision.',
    remedy: nothing,
  },
  Evaluating: {
    on: ['Ready', 'Reconciling', 'Progressing', 'Event'],
    meaning: 'An evaluation gate sends its dataset through the candidate, before any traffic.',
    remedy: nothing,
  },
  Stepping: {
    on: ['Ready', 'Reconciling', 'Progressing'],
    meaning: 'The candidate has the share of requests of a step, and gates judge what comes of it.',
    remedy: nothing,
  },
  Baking: {
    on: ['Ready', 'Reconciling', 'Progressing'],
    meaning: 'The candidate has all requests, and the old revision is kept warm for rollout.bakeSeconds.',
    remedy: nothing,
  },
  CandidateStandsIn: {
    on: ['Ready', 'Available', 'Event'],
    meaning:
      'Nothing of the live revision can answer, so the candidate has all requests. It is not promoted by that, and gives them back when the live revision is back.',
    remedy:
      'Mend the live revision as the message says, or let the candidate prove itself; rollout.whenLiveIsDown: Wait forbids it.',
  },
  Returning: {
    on: ['Reconciling', 'Event'],
    meaning: 'Requests go back to the live revision, as fast as its pods can take them.',
    remedy: 'Wait for its pods; when they cannot come, lower server.replicas to as many as there are.',
  },
  Held: {
    on: ['Ready', 'Progressing', 'Event'],
    meaning: 'A gate could not decide in time, and rollout.onInconclusive is Hold.',
    remedy:
      'Read the message: send more requests, allow more, raise server.replicas when it says 429, or set onInconclusive.',
  },
  Paused: {
    on: ['Ready', 'Progressing'],
    meaning: 'rollout.paused holds the candidate where it is.',
    remedy: 'Set rollout.paused to false to go on.',
  },
  GateFailed: {
    on: ['Ready', 'Stalled', 'CandidateRejected', 'Event'],
    meaning:
      'A gate, or the deadline of its warm-up, refused the candidate; it gets no traffic any more, and the live revision goes on.',
    remedy:
      'Do what the message says. Mostly: publish a better version; a new rollout.retryToken tries this one once more.',
  },
  Superseded: {
    on: ['Event'],
    meaning: 'The candidate gave way to what is wanted now, before it was proven.',
    remedy: nothing,
  },
  NoGates: {
    on: ['GatesMissing'],
    meaning: 'The rollout has no gates: only the guardrail stands between a candidate and all requests.',
    remedy: 'Add spec.gates, at least one of traffic metric errorRate.',
  },
  SamplesTooFew: {
    on: ['Event'],
    meaning: 'A step cannot be left with minCandidateSamples alone, because a gate needs more samples to pass.',
    remedy: 'Raise minCandidateSamples, or allow more.',
  },
  DrainingOld: {
    on: ['Ready', 'Reconciling', 'Progressing'],
    meaning:
      'An old revision finishes its last requests before it is removed; while eight have a share, a new one waits for that.',
    remedy: nothing,
  },
  Scaling: {
    on: ['Reconciling'],
    meaning: 'Fewer server pods of the revision that serves are ready than server.replicas asks for.',
    remedy: 'Wait; when it lasts, the message says what keeps the pods from starting.',
  },
  OtherScaler: {
    on: ['ScaledElsewhere'],
    meaning:
      'Something else scales the Deployment of a revision, which is left as it wants; another revision knows nothing of it.',
    remedy:
      'Let the HorizontalPodAutoscaler scale the ModelDeployment (scaleTargetRef); without one, set server.replicas anew.',
  },
  Switched: { on: ['Event'], meaning: 'All requests go to the new revision.', remedy: nothing },
  ServerNotStarting: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Progressing', 'Event'],
    meaning: 'A server pod cannot be made or cannot start; what serves goes on.',
    remedy: 'Correct what the message names: resources, scheduling, or the image in the chart.',
  },
  BundleMissing: {
    on: ['Ready', 'Stalled', 'Progressing', 'Event'],
    meaning: 'The files of the version are not in its claim.',
    remedy: 'Restore the files, or serve another version.',
  },
  BundleCorrupt: {
    on: ['Ready', 'Stalled', 'Progressing', 'Event'],
    meaning: 'The files of the version do not match its digest, so no server loads them.',
    remedy: 'Restore the files from a copy, or serve another version.',
  },
  BundleUnsupported: {
    on: ['Ready', 'Stalled', 'Progressing', 'Event'],
    meaning: 'This version of Sluice cannot serve the bundle.',
    remedy: 'Upgrade Sluice, or serve another version.',
  },
  GatewayPending: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Progressing', 'Event'],
    meaning:
      'No pod of the gateway of the namespace takes requests: none is ready, or none has a Secret that access or tls of the ModelGateway names.',
    remedy: 'Do what the message says; podDefaults in the chart and the ModelGateway hold what its pods run with.',
  },
  GatewayRejected: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Progressing', 'Event'],
    meaning:
      'Envoy refuses what this ModelDeployment needs, for the reason in the message; what it took before still holds.',
    remedy:
      'Mend what the message says, such as a port that is taken; it is tried again every ten seconds. Report it otherwise.',
  },
  GatewaysUnreachable: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Progressing', 'Event'],
    meaning: 'The operator cannot read the state of the gateway pods.',
    remedy:
      'Allow the operator to reach port 9902 of the gateway pods (NetworkPolicy). Delete a pod that answers with something else.',
  },
  PortsExhausted: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Progressing', 'Event'],
    meaning: 'The gateway of the namespace has no listener port left for this deployment.',
    remedy: 'Delete a ModelDeployment that is not used, or create this one in another namespace.',
  },
  ServersNotFound: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Progressing', 'Event'],
    meaning: 'The gateway pods cannot find the server pods of the new revision by DNS, so they get no requests.',
    remedy: 'Check the DNS of the cluster, and the NetworkPolicies between the gateway pods and it.',
  },
  NameTaken: nameTaken,
  PredecessorGoing: predecessorGoing,
  PlaceTaken: {
    on: ['NotExposed'],
    meaning: 'An older ModelDeployment of the namespace has the host and path at which this one wants to be found.',
    remedy: 'Give this one another expose.host or expose.path; its own Service leads to it as before.',
  },
  NotOpened: {
    on: ['NotExposed'],
    meaning: 'expose says where this model is found from outside, and nothing opens the namespace.',
    remedy: 'Set spec.expose of the ModelGateway default, or remove expose here.',
  },
  ChildRefused: childRefused,
  SpecInvalid: specInvalid,
} as const satisfies ReasonTable;

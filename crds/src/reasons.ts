// Every reason that a condition or an event of ours can have: where it appears, what it means, and what a person does.
// docs/reference/reasons.md is made from these tables; planners may use no reason that is not in them.
import type { FailureClass } from './contract.ts';
import { modelDeploymentReasons } from './v1alpha1/model-deployment-reasons.ts';
import { modelGatewayReasons } from './v1alpha1/model-gateway-reasons.ts';
import { modelVersionReasons } from './v1alpha1/model-version-reasons.ts';
import { trainingJobReasons } from './v1alpha1/training-job-reasons.ts';

export type { ReasonPlace, ReasonText } from './reason-table.ts';

/** Reasons by the kind that speaks them. */
export const reasons = {
  TrainingJob: trainingJobReasons,
  ModelVersion: modelVersionReasons,
  ModelDeployment: modelDeploymentReasons,
  ModelGateway: modelGatewayReasons,
} as const;

type KindWithReasons = keyof typeof reasons;
/** A reason that objects of one kind can have. */
export type ReasonOf<K extends KindWithReasons> = Extract<keyof (typeof reasons)[K], string>;
export type TrainingJobReason = ReasonOf<'TrainingJob'>;
export type ModelVersionReason = ReasonOf<'ModelVersion'>;
export type ModelDeploymentReason = ReasonOf<'ModelDeployment'>;
export type ModelGatewayReason = ReasonOf<'ModelGateway'>;
/** Any reason of any kind. */
export type Reason = TrainingJobReason | ModelVersionReason | ModelDeploymentReason | ModelGatewayReason;

/** The reason of a TrainingJob whose budget for a class of failure is spent. */
export const failureReasons = {
  UserCode: 'UserCodeFailed',
  Data: 'DataInvalid',
  NoAccelerator: 'NoAccelerator',
  Diverged: 'Diverged',
  OutOfMemory: 'OutOfMemory',
  Hang: 'Hung',
  Infrastructure: 'InfrastructureFailed',
  Image: 'ImageUnavailable',
  Deadline: 'DeadlineExceeded',
  Internal: 'InternalError',
} as const satisfies Record<FailureClass, TrainingJobReason>;

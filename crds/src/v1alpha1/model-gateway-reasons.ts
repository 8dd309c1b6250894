// Reasons of a ModelGateway.
import { childRefused, nothing, type ReasonTable, specInvalid } from '../reason-table.ts';

export const modelGatewayReasons = {
  PodsReady: {
    on: ['Ready'],
    meaning: 'As many gateway pods as replicas asks for are as spec asks, and answer.',
    remedy: nothing,
  },
  Unused: {
    on: ['Ready'],
    meaning: 'The namespace has no ModelDeployment, so no gateway is made.',
    remedy: nothing,
  },
  PodsStarting: {
    on: ['Ready', 'Reconciling'],
    meaning: 'Gateway pods are made or replaced; those that are there answer until others do.',
    remedy: nothing,
  },
  PodsNotStarting: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
    meaning: 'Gateway pods do not come to answer, for the cause that the message names.',
    remedy: 'Do what the message says; resources and scheduling of the gateway are on this object.',
  },
  ChildRefused: childRefused,
  SpecInvalid: specInvalid,
} as const satisfies ReasonTable;

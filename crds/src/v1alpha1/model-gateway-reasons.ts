// Reasons of a ModelGateway.
import { childRefused, nameTaken, nothing, predecessorGoing, type ReasonTable, specInvalid } from '../reason-table.ts';

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
    remedy:
      'Do what the message says; resources, scheduling and the Secrets of the gateway are on this object. Until new pods answer, nobody gets through those that cannot keep the rules on access.',
  },
  UpdatesRefused: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
    meaning:
      'Envoy refuses what status.refusedUpdates names; everything else is as asked, and what it took before holds.',
    remedy: 'Mend what the message says, such as a port that is taken; it is tried again every ten seconds.',
  },
  AddressPending: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
    meaning: 'What expose asks for has no address yet; the models are reached in the cluster.',
    remedy: 'Do what the message says; the cluster needs a controller that gives addresses to what expose.type makes.',
  },
  RouteNotAccepted: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
    meaning: 'The Gateway that expose.httpRoute names does not take the HTTPRoute, or nobody has said that it does.',
    remedy:
      'Do what the message says: the Gateway must be there, allow routes of this namespace and have a listener for the host.',
  },
  KindUnavailable: {
    on: ['Ready', 'Reconciling', 'Stalled', 'Event'],
    meaning:
      'expose.type asks for an object of a kind that the cluster does not have, or that the operator may not make.',
    remedy: 'Install the Gateway API, or add the kind to waysIn in the values of the chart; it is noticed by itself.',
  },
  NameTaken: nameTaken,
  PredecessorGoing: predecessorGoing,
  ChildRefused: childRefused,
  SpecInvalid: specInvalid,
} as const satisfies ReasonTable;

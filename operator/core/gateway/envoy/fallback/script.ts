// Answers at a gateway pod for a revision that failed, in Lua. What it does for a request is in the context of the route that
// the request took, so that one script serves all listeners.
import { predictedHeader } from '@sluice/crds/contract.ts';
import { luaSet, luaText } from '../access/lua.ts';
import { answeredByHeaders } from '../answered-by.ts';
import { answerScript } from './answer-script.ts';
import { keepScript } from './keep-script.ts';

/** Where the script keeps what it needs of a request, and leaves who answered. No client can write there. */
export const fallbackMetadata = { namespace: 'sluice.fallback', answeredBy: 'answered_by' } as const;

/** Who answered instead, as the header says it and as it is counted. */
export const fallbackAnswers = { liveVersion: 'LiveVersion', staticAnswer: 'StaticAnswer' } as const;

/** Of such an answer: who gave it, and which revision had failed. */
export const fallbackHeaders = { by: 'sluice-fallback', failed: 'sluice-failed-revision' } as const;

/** Of one connection only, or set anew for each. */
const hopHeaders = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** What stays of an answer that is replaced, and is taken from none that replaces it: the gateway's own. */
const gatewayHeaders = ['date', 'server', 'vary', ...Object.values(answeredByHeaders)];

/** What all requests together may have kept in each of Envoy's two threads: a pod that was given little memory has it. */
const mostHeldBytes = 32 * 1024 * 1024;

/** What a request takes beside its head and body. */
const bytesBeside = 512;

const settings = [
  `local namespace, answeredBy = '${fallbackMetadata.namespace}', '${fallbackMetadata.answeredBy}'`,
  `local liveVersion, staticAnswer = '${fallbackAnswers.liveVersion}', '${fallbackAnswers.staticAnswer}'`,
  `local byHeader, failedHeader = '${fallbackHeaders.by}', '${fallbackHeaders.failed}'`,
  `local revisionHeader, versionHeader = '${answeredByHeaders.revision}', '${answeredByHeaders.version}'`,
  `local ofHop = ${luaSet(hopHeaders)}`,
  `local ofGateway = ${luaSet([...gatewayHeaders, predictedHeader])}`,
  `local mostHeldBytes, bytesBeside = ${mostHeldBytes}, ${bytesBeside}`,
  `local noBody = ${luaText('')}`,
].join('\n');

export const fallbackScript: string = [settings, keepScript, answerScript].join('\n');

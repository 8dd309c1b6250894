// The Open Inference Protocol v2 over HTTP: its paths, limits and error answers.
import type { IncomingMessage } from 'node:http';
import { predictedHeader } from '@sluice/crds/contract.ts';
import { headOf } from '@sluice/crds/text.ts';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type HTTPMethods } from 'fastify';
import { log } from '../log.ts';
import { modelMetadata, serverMetadata } from '../protocol/metadata.ts';
import { RequestError } from '../protocol/request-error.ts';
import type { Signature } from '../workers/messages.ts';
import { ArrivingBodies } from './arriving-bodies.ts';
import { ByteBudget } from './byte-budget.ts';
import { asRequestError, clientLeft, unforeseenMessage } from './error-answer.ts';
import { missingPath } from './foreign-paths.ts';
import { type InferenceOptions, infer, observeRequest, refuseWhenFull, sendAnswer } from './inference.ts';
import { BodyDecoder, checkEncoding, dropInvalidType } from './request-body.ts';
import { restOfBody } from './rest-of-body.ts';
import { type ServingState, whyDead, whyNotComputing, whyNotReady } from './serving-state.ts';
import { answerBrokenRequest, socketLimits } from './socket-limits.ts';

export type AppOptions = InferenceOptions & {
  readonly state: ServingState;
  readonly maxRequestBytes: number;
};

type ModelParams = { model: string; version?: string };

const methods: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const modelPaths = ['/v2/models/:model', '/v2/models/:model/versions/:version'];

/** Builds the application; it listens nowhere yet. */
export function createApp(options: AppOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: options.maxRequestBytes,
    return503OnClosing: false,
    ...socketLimits,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
    frameworkErrors: (error, _request, reply) => sendError(error, reply, options.maxRequestBytes),
    clientErrorHandler: answerBrokenRequest,
  });
  app.removeAllContentTypeParsers();
  const budget = new ByteBudget(options.maxRequestBytes);
  const bodies = new ArrivingBodies(budget, options.maxRequestBytes);
  // Many clients name no type, or one that is not JSON's: the bytes decide. They are parsed later, in `infer`.
  app.addContentTypeParser('*', (_request: FastifyRequest, stream: IncomingMessage) => bodies.read(stream));
  app.addHook('preHandler', (request, reply, done) => {
    if (Buffer.isBuffer(request.body)) untilAnswered(reply, budget, request.body.length);
    done();
  });
  app.setErrorHandler((error, _request, reply) => sendError(error, reply, options.maxRequestBytes));
  app.setNotFoundHandler((request, reply) => {
    const error = new RequestError(404, missingPath(request.method, request.url, options.identity.name));
    sendError(error, reply, options.maxRequestBytes);
  });
  app.addHook('onSend', async (request, reply) => {
    const isRead = await restOfBody(request.raw);
    // fastify closes the connection of a body that was refused; one that was read to its end can go on.
    if (!isRead) reply.header('connection', 'close');
    else if (reply.hasHeader('connection')) {
      reply.header('connection', reply.raw.shouldKeepAlive ? 'keep-alive' : 'close');
    }
    // JSON's type has no charset, and there are clients that compare it as it is written.
    if (String(reply.getHeader('content-type')).startsWith('application/json;')) {
      reply.header('content-type', 'application/json');
    }
    if (options.state.phase === 'Draining') reply.header('connection', 'close');
  });
  addHealth(app, options);
  for (const path of modelPaths) addModel(app, path, { ...options, budget });
  return app;
}

function addHealth(app: FastifyInstance, { state, pool }: AppOptions): void {
  addGet(app, '/v2', () => serverMetadata);
  addGet(app, '/v2/health/live', () => {
    refuse(whyDead(pool));
    return { live: true };
  });
  // The protocol's text calls this member `live` and its gRPC twin `ready`: both are there.
  addGet(app, '/v2/health/ready', () => {
    refuse(whyNotReady(state, pool));
    return { ready: true, live: true };
  });
}

function addModel(app: FastifyInstance, path: string, options: AppOptions & { readonly budget: ByteBudget }): void {
  const { state, pool, identity, budget } = options;
  const decoder = new BodyDecoder(budget, options.maxRequestBytes);
  addGet(app, path, (request) => {
    checkModel(request, options);
    return modelMetadata(identity, loadedSignature(state));
  });
  addGet(app, `${path}/ready`, (request) => {
    checkModel(request, options);
    refuse(whyNotReady(state, pool));
    return { name: identity.name, ready: true };
  });
  app.route({
    method: 'POST',
    url: `${path}/infer`,
    onRequest: (request, reply, done) => {
      observeRequest(reply, options.metrics);
      state.lastArrival = performance.now();
      admit(request, options);
      done();
    },
    handler: async (request, reply) => {
      const { headers, body = Buffer.alloc(0) } = request;
      const bytes = await decoder.decode(body as Buffer, headers, (held) => untilAnswered(reply, budget, held));
      if (reply.raw.destroyed) throw clientLeft();
      const answer = await infer({ bytes, headers, signature: loadedSignature(state), reply }, options);
      return sendAnswer(reply, answer);
    },
  });
  refuseOtherMethods(app, `${path}/infer`, ['POST']);
}

/** Everything that can be refused before the body is read. */
function admit(request: FastifyRequest, options: AppOptions): void {
  checkModel(request, options);
  loadedSignature(options.state);
  refuse(whyNotComputing(options.pool));
  refuseWhenFull(options.pool);
  checkEncoding(request.headers);
  dropInvalidType(request.headers);
}

/** Gives back what a request holds when it is answered, or its client has left. */
function untilAnswered(reply: FastifyReply, budget: ByteBudget, bytes: number): void {
  if (reply.raw.destroyed) budget.give(bytes);
  else reply.raw.once('close', () => budget.give(bytes));
}

function checkModel(request: FastifyRequest, { identity }: AppOptions): void {
  const { model, version } = request.params as ModelParams;
  if (model !== identity.name) throw new RequestError(404, `no such model; this server has ${identity.name}`);
  if (version !== undefined && version !== identity.version) {
    throw new RequestError(404, `no such version of ${identity.name}; this server has ${identity.version}`);
  }
}

function loadedSignature({ signature }: ServingState): Signature {
  if (!signature) throw unavailable('the model is being loaded; try again in a few seconds');
  return signature;
}

function refuse(reason: string | null): void {
  if (reason !== null) throw unavailable(reason);
}

const unavailable = (reason: string) => new RequestError(503, reason, { retryAfterSeconds: 1 });

function addGet(app: FastifyInstance, url: string, answer: (request: FastifyRequest) => object): void {
  app.get(url, (request, reply) => {
    reply.send(answer(request));
  });
  refuseOtherMethods(app, url, ['GET', 'HEAD']);
}

function refuseOtherMethods(app: FastifyInstance, url: string, allowed: HTTPMethods[]): void {
  app.route({
    method: methods.filter((method) => !allowed.includes(method)),
    url,
    onRequest: (request, reply) => {
      reply.header('allow', allowed.join(', '));
      throw new RequestError(405, `${request.method} is not allowed here; use ${allowed.join(' or ')}`);
    },
    handler: () => undefined,
  });
}

function sendError(error: unknown, reply: FastifyReply, maxRequestBytes: number): void {
  const answer = asRequestError(error, maxRequestBytes);
  if (answer.message === unforeseenMessage)
    log('error', 'a request failed in an unforeseen way', { cause: describeCause(error) });
  // What failed here says as much of the revision as an answer does.
  if (answer.status >= 500) reply.header(predictedHeader, 'true');
  if (answer.retryAfterSeconds !== undefined) reply.header('retry-after', String(answer.retryAfterSeconds));
  reply
    .code(answer.status)
    .header('content-type', 'application/json')
    .send(JSON.stringify({ error: answer.message, ...answer.details }));
}

function describeCause(error: unknown): string {
  return headOf(error instanceof Error ? (error.stack ?? error.message) : String(error), 2000);
}

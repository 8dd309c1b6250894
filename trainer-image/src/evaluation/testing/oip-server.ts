// A server of one model with known answers: the real server's protocol code around a function.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TensorSignature } from '@sluice/model/manifest.ts';
import type { OutputTensor } from '@sluice/model/target.ts';
import { type InferRequest, parseInferRequest } from '@sluice/server/protocol/infer-request.ts';
import { renderInferResponse } from '@sluice/server/protocol/infer-response.ts';
import { modelMetadata } from '@sluice/server/protocol/metadata.ts';
import { RequestError } from '@sluice/server/protocol/request-error.ts';

export type Raw = {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
};

export type TinyModel = {
  readonly inputs: TensorSignature[];
  readonly outputs?: TensorSignature[];
  readonly answer: (request: InferRequest) => OutputTensor;
  /** Says something else instead of the answer; `count` is the number of the infer request, from 1. 'Hang': nothing. */
  readonly instead?: (count: number, request: InferRequest) => Raw | 'HangUp' | 'Hang' | undefined;
};

const identity = { name: 'digits', version: 'digits-2' };
export const labelOutput: TensorSignature = { name: 'label', datatype: 'BYTES', shape: [-1] };
export const valueOutput: TensorSignature = { name: 'value', datatype: 'FP64', shape: [-1] };

export const labels = (data: string[]): OutputTensor => ({
  name: 'label',
  datatype: 'BYTES',
  shape: [data.length],
  data,
});
export const values = (data: Iterable<number>): OutputTensor => {
  const numbers = Float64Array.from(data);
  return { name: 'value', datatype: 'FP64', shape: [numbers.length], data: numbers };
};

/** Listens on a free port of the loopback. */
export class OipServer {
  url = '';
  readonly requests: InferRequest[] = [];
  readonly #model: TinyModel;
  readonly #server: Server;

  private constructor(model: TinyModel) {
    this.#model = model;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(model: TinyModel): Promise<OipServer> {
    const server = new OipServer(model);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    server.url = `http://127.0.0.1:${(server.#server.address() as AddressInfo).port}`;
    return server;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { inputs, outputs = [labelOutput] } = this.#model;
    const signature = { inputs, outputs };
    const send = ({ status, body, headers = {} }: Raw) => response.writeHead(status, headers).end(body);
    try {
      const body = await text(request);
      if (request.url === '/v2/models/digits') {
        send({ status: 200, body: JSON.stringify(modelMetadata(identity, signature)) });
      } else if (request.url === '/v2/models/digits/infer') {
        this.#infer(parseInferRequest(JSON.parse(body), { signature, maxElements: 1e6 }), response, send);
      } else {
        send({ status: 404, body: '{"error":"no such model"}' });
      }
    } catch (error) {
      const status = error instanceof RequestError ? error.status : 500;
      send({ status, body: JSON.stringify({ error: String(error) }) });
    }
  }

  #infer(request: InferRequest, response: ServerResponse, send: (raw: Raw) => void): void {
    this.requests.push(request);
    const instead = this.#model.instead?.(this.requests.length, request);
    if (instead === 'Hang') return;
    if (instead === 'HangUp') response.destroy();
    else if (instead !== undefined) send(instead);
    else send({ status: 200, body: renderInferResponse(identity, request, [this.#model.answer(request)]).json });
  }
}

// What most evaluations in tests share: a holdout of 100 rows with an id, and models that know some of the ids.
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EvaluationOrder, evaluationOrderSchema } from '@sluice/crds/evaluation-contract.ts';
import type { TensorSignature } from '@sluice/model/manifest.ts';
import type { InferRequest } from '@sluice/server/protocol/infer-request.ts';
import { runEvaluation } from '../run.ts';
import { labels, OipServer, type TinyModel, valueOutput, values } from './oip-server.ts';
import { VirtualClock } from './virtual-clock.ts';

export const idInput: TensorSignature = { name: 'id', datatype: 'FP64', shape: [-1] };
export const labelOf = (id: number) => ['a', 'b', 'c'][id % 3] ?? '';
const ids = Array.from({ length: 100 }, (_, id) => id);
export const csv = ['id,label,size', ...ids.map((id) => `${id},${labelOf(id)},${id / 2}`), ''].join('\n');
export const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** The ids that a request asks about. */
export const idsOf = ({ inputs }: InferRequest) =>
  Array.from<number | string | null>(inputs.get('id') ?? []).map(Number);

/** A classifier that is right where `isRight` says so. */
export const classifier = (isRight: (id: number) => boolean, more: Partial<TinyModel> = {}): TinyModel => ({
  inputs: [idInput],
  answer: (request) => labels(idsOf(request).map((id) => (isRight(id) ? labelOf(id) : 'z'))),
  ...more,
});

/** A regressor of `size` that is off by what `add` says. */
export const sizes = (add: (id: number) => number): TinyModel => ({
  inputs: [idInput],
  outputs: [valueOutput],
  answer: (request) => values(idsOf(request).map((id) => id / 2 + add(id))),
});

/** Servers and files of one test. */
export class Bench {
  readonly clock = new VirtualClock();
  stopping = new AbortController();
  readonly #servers: OipServer[] = [];
  readonly #directories: string[] = [];

  async serve(model: TinyModel): Promise<OipServer> {
    const server = await OipServer.start(model);
    this.#servers.push(server);
    return server;
  }

  /** Runs the evaluator on `file`. */
  async evaluate(
    endpoints: { candidate: string; live?: string },
    {
      file = csv,
      dataset = {},
      ...changes
    }: { file?: string; dataset?: object } & Partial<Omit<EvaluationOrder, 'dataset'>> = {},
    clock = this.clock as Parameters<typeof runEvaluation>[0]['clock'],
  ) {
    const data = await mkdtemp(join(tmpdir(), 'evaluate-'));
    this.#directories.push(data);
    await writeFile(join(data, 'holdout.csv'), file);
    const source = { persistentVolumeClaim: { claimName: 'datasets', path: 'holdout.csv' } };
    const features = [{ name: 'id', type: 'Number' }];
    const order = evaluationOrderSchema.parse({
      dataset: { source, format: 'CSV', target: 'label', features, digest: digestOf(file), ...dataset },
      modelName: 'digits',
      endpoints,
      requestsPerSecond: 100,
      batchRows: 7,
      deadlineSeconds: 600,
      ...changes,
    });
    return runEvaluation({
      order,
      directories: { data },
      clock,
      stop: this.stopping.signal,
      log: () => {},
    });
  }

  async clear(): Promise<void> {
    for (const server of this.#servers.splice(0)) await server.close();
    for (const directory of this.#directories.splice(0)) await rm(directory, { recursive: true, force: true });
  }
}

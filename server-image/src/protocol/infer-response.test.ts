import { expect, test } from '@jest/globals';
import { renderInferResponse } from './infer-response.ts';

const identity = { name: 'digits', version: 'digits-2' };
const label = { name: 'label', datatype: 'BYTES', shape: [2], data: ['a "b"', 'c'] } as const;
const probabilities = {
  name: 'probabilities',
  datatype: 'FP32',
  shape: [2, 2],
  data: Float32Array.of(0.1, 1e-30, 0, 1),
} as const;
const tensors = [
  { ...label, shape: [...label.shape], data: [...label.data] },
  { ...probabilities, shape: [...probabilities.shape] },
];

test('the answer is JSON with the asked outputs in the asked order, numbers exact', () => {
  const text = renderInferResponse(identity, { id: 'é"', outputs: ['probabilities', 'label'] }, tensors);
  expect(JSON.parse(text)).toEqual({
    model_name: 'digits',
    model_version: 'digits-2',
    id: 'é"',
    outputs: [{ ...probabilities, data: [...probabilities.data] }, label],
  });
});

test('without an id in the request there is none in the answer', () => {
  const text = renderInferResponse(identity, { id: undefined, outputs: ['label'] }, tensors);
  expect(JSON.parse(text)).toEqual({ model_name: 'digits', model_version: 'digits-2', outputs: [label] });
});

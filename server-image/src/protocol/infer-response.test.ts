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
  const outputs = ['probabilities', 'label'].map((name) => ({ name, isBinary: false }));
  const { json, binary } = renderInferResponse(identity, { id: 'é"', outputs }, tensors);
  expect(binary).toEqual([]);
  expect(JSON.parse(json)).toEqual({
    model_name: 'digits',
    model_version: 'digits-2',
    id: 'é"',
    outputs: [{ ...probabilities, data: [...probabilities.data] }, label],
  });
});

test('without an id in the request there is none in the answer', () => {
  const outputs = [{ name: 'label', isBinary: false }];
  const { json } = renderInferResponse(identity, { id: undefined, outputs }, tensors);
  expect(JSON.parse(json)).toEqual({ model_name: 'digits', model_version: 'digits-2', outputs: [label] });
});

test('outputs that are asked for as bytes follow the JSON in their order; the others stay in it', () => {
  const [byBytes, inJson] = [true, false].map((isBinary) =>
    renderInferResponse(
      identity,
      {
        id: undefined,
        outputs: [
          { name: 'label', isBinary },
          { name: 'probabilities', isBinary: true },
        ],
      },
      tensors,
    ),
  );
  const { data: _numbers, ...rest } = probabilities;
  const numbers = { ...rest, parameters: { binary_data_size: 16 } };
  const { data: _texts, ...texts } = label;
  expect(JSON.parse(byBytes?.json ?? '').outputs).toEqual([
    { ...texts, parameters: { binary_data_size: 14 } },
    numbers,
  ]);
  expect(byBytes?.binary).toEqual([
    Buffer.from('\x05\0\0\0a "b"\x01\0\0\0c'),
    Buffer.from(Float32Array.of(0.1, 1e-30, 0, 1).buffer),
  ]);
  expect(JSON.parse(inJson?.json ?? '').outputs).toEqual([label, numbers]);
});

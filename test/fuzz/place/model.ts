// The model that is asked: two inputs, one number.

export const deployment = 'digits';
export const revision = '0123456789';
export const model = 'tiny';
export const inferPath = `/v2/models/${model}/infer`;

/** What the model takes: one row. */
export const goodBody = JSON.stringify({
  inputs: [
    { name: 'age', shape: [1], datatype: 'FP64', data: [41] },
    { name: 'city', shape: [1], datatype: 'BYTES', data: ['Graz'] },
  ],
});

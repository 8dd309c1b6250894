// What a played version of a model is like.

/** Quality of a version. */
export interface Quality {
  /** Rows of a thousand on which it is right. */
  readonly right: number;
  /** Share of its answers that are errors, 0 to 1. */
  readonly errorShare: number;
}

export const sound: Quality = { right: 970, errorShare: 0 };

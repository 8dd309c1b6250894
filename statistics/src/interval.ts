// The shapes in which every figure of this room is stated.

/** Two-sided confidence interval, both ends included; an end that the data cannot bound is infinite. */
export type Interval = { readonly lower: number; readonly upper: number };

/** A point estimate and the interval that always contains it. */
export type Estimate = Interval & { readonly value: number };

/** A point estimate for whose error the data give no bound that would hold, and why, in words. */
export type WithoutInterval = { readonly value: number; readonly noInterval: string };

/** `successes` out of `trials`, both whole numbers. */
export type Proportion = { readonly successes: number; readonly trials: number };

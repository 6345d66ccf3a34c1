/** Stands in for feelers, which comes with `expressions.js`. */
import { real } from './expressions.js';

export const evaluate = (...given) => real().evaluateTemplate(...given);
export const parseToSimpleTree = (...given) => real().parseToSimpleTree(...given);

/**
 * What feelin does when an expression compares values of different types, put right.
 *
 * feelin 8.2 hands them to JavaScript: `"2026-09-01" >= today()` is true for any text, because neither is less than
 * the other. Variables are JSON, so their dates are texts, and a deadline would never be missed. FEEL says null
 * (DMN 1.3, table 54).
 */

const TEMPORAL_TYPES = new Set([ 'date', 'time', 'date time', 'duration' ]);

const CONSTRUCTORS = { 'date': 'date', 'time': 'time', 'date time': 'date and time', 'duration': 'duration' };

export class Incomparable extends Error {}

/** Refuses to compare a text with a date, time or duration: it always is a forgotten conversion. */
export function refuseTextAndTemporal(aType, bType) {
  const [ temporal, other ] = TEMPORAL_TYPES.has(aType) ? [ aType, bType ] : [ bType, aType ];

  if (other === 'string' && TEMPORAL_TYPES.has(temporal)) {
    const conversion = CONSTRUCTORS[temporal];

    throw new Incomparable(`it compares a text with a ${conversion}: write ${conversion}(...) around the text`);
  }
}

/** Whether a value can lie in a range of another type; null is FEEL's answer when it cannot. */
export function canLieIn(range, value, valueType) {
  const type = range.valueType;

  if (type === null || type === valueType) {
    return true;
  }

  refuseTextAndTemporal(type, valueType);

  // a list of one is its item
  const item = valueType === 'list' && value.length === 1 ? value[0] : value;

  if (type === typeof item) {
    return true;
  }

  // a number may come as a text
  if (type === 'number' && typeof item === 'string') {
    return isNumeric(item);
  }
  if (type === 'string' && typeof item === 'number') {
    return [ range.start, range.end ].every(bound => bound === null || isNumeric(bound));
  }

  return false;
}

function isNumeric(text) {
  return text.trim() !== '' && !Number.isNaN(Number(text));
}

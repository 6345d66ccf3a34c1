/** Stands in for flatpickr, the calendar of a date's field. */
let real;

/** `calendar`: the names of days and months in the language of the page. Weeks begin on Monday (ISO 8601). */
export const load = async ({ calendar } = {}) => {
  real ??= (await import('./dates.real.js')).default;
  if (calendar) real.localize({ firstDayOfWeek: 1, ...calendar });
};

export default (...given) => real(...given);

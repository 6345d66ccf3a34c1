/** In a firm that is too large for a list: colleagues are looked up on the server while a name is typed. */

const PAUSE_MS = 200;
const LIST = 'people';

/** Fields that choose from the people, wherever they stand in a form. */
function fieldsOf(components) {
  return (components ?? []).flatMap((one) => [...(one.valuesKey === LIST ? [one] : []), ...fieldsOf(one.components)]);
}

/** Whatever these answers hold under a field's key, at any depth. */
function chosenIn(value, keys) {
  if (Array.isArray(value)) return value.flatMap((one) => chosenIn(one, keys));
  if (!value || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, one]) => (keys.has(key) ? [one].flat().filter((name) => typeof name === 'string') : chosenIn(one, keys)));
}

/** Let whom the answers name be among the choices, or the form would take them away; and let one type a name. */
export function offerChosen(given) {
  const fields = fieldsOf(given.schema.components);
  for (const field of fields) if (field.type === 'select') field.searchable = true;
  const keys = new Set(fields.map((field) => field.key));
  const names = chosenIn({ ...given.data, ...given.draft }, keys);
  given.data[LIST] = joined(given.data[LIST] ?? [], names.map((name) => ({ value: name, label: name })));
}

/** Look people up while a name is typed into one of their fields. Returns a function that stops it. */
export function searchPeople(place, form, address) {
  const gone = new AbortController();
  let timer;
  let asked = 0;
  const isPeople = ({ id }) => fieldsOf(form._getState().schema.components).some((field) => id?.startsWith(`fjs-form-${form._id}-${field.id}`));
  const find = async (text) => {
    const mine = ++asked;
    const url = new URL(address, location.href);
    url.searchParams.set('q', text);
    const answer = await fetch(url, { headers: { Accept: 'application/json' }, redirect: 'manual', signal: gone.signal }).catch(() => undefined);
    // Without an answer the list stays as it is: the next letter asks again.
    if (!answer?.ok) return;
    const found = await answer.json();
    if (mine !== asked) return;
    const { initialData } = form._getState();
    form._setState({ initialData: { ...initialData, [LIST]: joined(initialData[LIST], found) } });
  };
  const later = (event) => {
    if (!isPeople(event.target)) return;
    clearTimeout(timer);
    timer = setTimeout(find, event.type === 'input' ? PAUSE_MS : 0, event.target.value ?? '');
  };
  for (const kind of ['input', 'focusin']) place.addEventListener(kind, later, { signal: gone.signal });
  return () => {
    clearTimeout(timer);
    gone.abort();
  };
}

/** Whoever was offered once stays: what is chosen has to be among the choices. */
function joined(known, found) {
  const values = new Set(known.map(({ value }) => value));
  return [...known, ...found.filter(({ value }) => !values.has(value))];
}

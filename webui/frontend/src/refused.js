/** What was typed into a plain form stands in it again when the form was refused; it waits in this window for one page. */
const KEPT = 'sent-form';

const fields = (form) => [...form.elements].filter((one) => one.name && !/^(hidden|password|file|submit|button|fieldset)$/.test(one.type));
const alike = (form) => [...document.forms].filter((one) => one.getAttribute('action') === form.getAttribute('action'));

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post') return;
  const typed = fields(form).map((one) => [one.name, one.value, one.checked]);
  const place = { page: location.pathname, action: form.getAttribute('action'), number: alike(form).indexOf(form) };
  sessionStorage.setItem(KEPT, JSON.stringify({ ...place, typed }));
});

const kept = JSON.parse(sessionStorage.getItem(KEPT));
sessionStorage.removeItem(KEPT);
if (kept?.page === location.pathname && document.querySelector('.toasts .late')) {
  const form = [...document.forms].filter((one) => one.getAttribute('action') === kept.action)[kept.number];
  const now = form ? fields(form) : [];
  for (const [number, [name, value, checked]] of kept.typed.entries()) {
    const field = now[number];
    if (field?.name !== name) break;
    if ('checked' in field && /checkbox|radio/.test(field.type)) field.checked = checked;
    else if (field.type !== 'select-multiple') field.value = value;
  }
  const drawer = form?.closest('details');
  if (drawer) drawer.open = true;
  name(now);
}

/** Say which field was refused as the page calls it, and go there. */
function name(all) {
  const said = document.querySelector('.toasts .late p');
  const meant = said.textContent.match(/ \(([\w ]+)\)$/)?.[1].replaceAll(' ', '_');
  const field = all.find((one) => one.name === meant);
  const label = field?.labels?.[0]?.textContent.trim();
  if (!label) return;
  said.textContent = said.textContent.replace(/\([^()]*\)$/, `(${label})`);
  field.setAttribute('aria-invalid', 'true');
  field.focus();
}

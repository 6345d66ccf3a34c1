/** Signing in again without leaving the page: what was typed stays, and what was being sent goes on. */
const meta = () => document.querySelector('meta[name="csrf-token"]');
export const user = () => document.querySelector('live-feed')?.dataset.user;
let asking;

/**
 * See to it that the person of this page is signed in; false when they do not want to. Asked several times at once it
 * asks once. With `quiet` nobody is asked: it only finds out.
 */
export async function again({ quiet = false } = {}) {
  const now = await ask('GET').catch(() => undefined);
  if (!now || !user()) return false;
  if (now.username === user()) return true;
  if (quiet) return false;
  asking ??= dialog().finally(() => { asking = undefined; });
  return asking;
}

async function ask(method, body) {
  const response = await fetch('/session', {
    method,
    headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRFToken': meta().content },
    body: body && JSON.stringify(body),
  });
  const said = await response.json();
  if (said.csrf_token) renew(said.csrf_token);
  return said;
}

/** The session's token, everywhere that this page sends it from. */
function renew(token) {
  meta().content = token;
  for (const field of document.querySelectorAll('input[name=csrf_token]')) field.value = token;
}

function dialog() {
  const box = document.getElementById('again');
  const [form, told, password] = [box.querySelector('form'), box.querySelector('.note'), box.querySelector('[type=password]')];
  password.value = '';
  told.hidden = true;
  return new Promise((answer) => {
    const over = new AbortController();
    const options = { signal: over.signal };
    const end = (isIn) => {
      over.abort();
      box.close();
      answer(isIn);
    };
    box.querySelector('[data-cancel]').addEventListener('click', () => end(false), options);
    box.addEventListener('cancel', () => end(false), options);
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const said = await ask('POST', { username: user(), password: password.value }).catch(() => ({}));
      if (said.username === user()) return end(true);
      told.hidden = false;
      told.querySelector('b').textContent = said.message ?? document.querySelector('.toasts').dataset.offline;
      password.select();
    }, options);
    if (!box.open) box.showModal();
    password.focus();
  });
}

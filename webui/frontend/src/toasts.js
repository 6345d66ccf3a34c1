/** Short messages at the corner of the page; they stay until somebody closes them. */
const region = () => document.querySelector('.toasts');

export function toast(text, kind = 'good') {
  const place = region();
  if (!place) return;
  const box = document.createElement('div');
  box.className = `toast ${kind}`;
  box.setAttribute('role', kind === 'late' ? 'alert' : 'status');
  const said = document.createElement('p');
  said.textContent = text;
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'icon-btn';
  close.dataset.dismiss = '';
  close.setAttribute('aria-label', place.dataset.close);
  close.textContent = '×';
  box.append(said, close);
  place.append(box);
}

document.addEventListener('click', (event) => event.target.closest('[data-dismiss]')?.closest('.toast').remove());

document.addEventListener('htmx:sendError', () => toast(region().dataset.offline, 'late'));
// A refusal is a whole page of its own: go and read it there.
document.addEventListener('htmx:responseError', (event) => {
  const { requestConfig, xhr } = event.detail;
  if (requestConfig?.verb === 'get' && xhr.status < 500) location.assign(requestConfig.path);
  else toast(region().dataset.failed, 'late');
});
// After signing out elsewhere a part of a page answers with the sign-in page: go there.
document.addEventListener('htmx:beforeSwap', (event) => {
  const address = event.detail.xhr.responseURL;
  if (address && new URL(address).pathname === '/sign-in') {
    event.detail.shouldSwap = false;
    location.assign(address);
  }
});

/** Light, dark or what the device says: chosen at once, and remembered in a cookie so that the next page comes right. */
const root = document.documentElement;

document.addEventListener('submit', (event) => {
  const form = event.target.closest('[data-theme-form]');
  if (!form) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  choose(form, event.submitter.value);
}, { capture: true });

function choose(form, theme) {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  if (theme) {
    root.dataset.theme = theme;
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  } else {
    delete root.dataset.theme;
    document.cookie = `theme=; Path=/; Max-Age=0; SameSite=Lax${secure}`;
  }
  for (const button of form.querySelectorAll('button[name=theme]')) {
    button.setAttribute('aria-pressed', String(button.value === theme));
  }
  root.dispatchEvent(new CustomEvent('theme'));
}

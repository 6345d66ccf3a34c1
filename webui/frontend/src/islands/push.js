/** The button on the settings page: tell me in this browser, by web push. */
import { send } from '../net.js';

const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));

export async function mount(place) {
  const said = place.querySelector('[role=status]');
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) return;
  const worker = await navigator.serviceWorker.ready;
  place.hidden = Boolean(await worker.pushManager.getSubscription());
  place.querySelector('button').addEventListener('click', async () => {
    said.textContent = '';
    try {
      if ((await Notification.requestPermission()) !== 'granted') throw new DOMException('denied', 'NotAllowedError');
      const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(place.dataset.key) });
      await send('POST', place.dataset.to, made.toJSON());
      location.reload();
    } catch (failure) {
      said.textContent = failure.name === 'NotAllowedError' ? place.dataset.denied : failure.message || place.dataset.failed;
    }
  });
}

// What several pages show.
import {html, svg, nothing, render} from './lib/lit-html.js';

export {html, svg, nothing, render};

let redrawing = false;
let draw = () => {};

export function drawWith(callback) {
  draw = callback;
}

/** Shows what has changed, at the next chance. */
export function redraw() {
  if (!redrawing) {
    redrawing = true;
    queueMicrotask(() => {
      redrawing = false;
      draw();
    });
  }
}

const PATHS = {
  flows: 'M4 7h10a3 3 0 0 1 3 3v4a3 3 0 0 0 3 3M4 17h6M17 14l3 3-3 3',
  clients: 'M7 4h10v16H7zM11 17h2',
  mqtt: 'M4 19a11 11 0 0 1 11-11M4 14a5 5 0 0 1 5 5M4 4a15 15 0 0 1 15 15',
  plus: 'M12 5v14M5 12h14',
  restart: 'M19 12a7 7 0 1 1-2-5M19 3v5h-5',
  pause: 'M9 6v12M15 6v12',
  play: 'M8 5l11 7-11 7z',
  stop: 'M7 7h10v10H7z',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12l5 5 9-10',
  warn: 'M12 4l9 16H3zM12 10v4M12 17v.5',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  down: 'M6 9l6 6 6-6',
  send: 'M4 12l16-8-6 16-3-6z',
};

export const icon = name => svg`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[name]}></path></svg>`;

const STATES = {
  RUNNING: ['good', 'Running'], FAILED: ['bad', 'Failed'], PAUSED: ['rest', 'Paused'],
  STOPPED: ['rest', 'Stopped'], UNASSIGNED: ['wait', 'Unassigned'], RESTARTING: ['wait', 'Restarting'],
};

/** A state as a word with a sign: colour is not the only thing that tells them apart. */
export function state(name) {
  const [kind, word] = STATES[name] ?? ['wait', name ? name.toLowerCase() : 'Starting'];
  return html`<span class="state ${kind}"><span class="dot" aria-hidden="true"></span>${word}</span>`;
}

export const note = (kind, content) => html`
  <div class="note ${kind}" role=${kind === 'bad' ? 'alert' : 'note'}>${icon(kind === 'good' ? 'check' : 'warn')}<div>${content}</div></div>`;

/** A button with a sign only; its label is for tips and screen readers. */
export const tool = (name, label, click, disabled = false) => html`
  <button type="button" class="tool" title=${label} aria-label=${label} ?disabled=${disabled} @click=${click}>${icon(name)}</button>`;

export function tabs(label, all, current) {
  return html`<nav class="tabs" aria-label=${label}>${all.map(([name, href, count]) => html`
    <a href=${href} aria-current=${name === current ? 'page' : nothing}>${name}${count ? html` <span class="count">${count}</span>` : nothing}</a>`)}</nav>`;
}

// ---- Sentences that come and go

const toasts = [];

export function say(sentence, bad = false) {
  const toast = {sentence, bad};
  toasts.push(toast);
  setTimeout(() => unsay(toast), bad ? 12000 : 5000);
  redraw();
}

function unsay(toast) {
  const index = toasts.indexOf(toast);
  if (index >= 0) {
    toasts.splice(index, 1);
    redraw();
  }
}

export const sayings = () => html`<div class="toasts" role="status" aria-live="polite">${toasts.map(toast => html`
  <div class="toast ${toast.bad ? 'bad' : ''}"><span>${toast.sentence}</span>${tool('close', 'Dismiss', () => unsay(toast))}</div>`)}</div>`;

/** Does something that may be refused, and says so. */
export async function trying(work, done) {
  try {
    const answer = await work();
    if (done) {
      say(done);
    }
    return answer;
  } catch (failure) {
    say(failure.message, true);
    return undefined;
  } finally {
    redraw();
  }
}

// ---- Questions

/** Asks before something that cannot be taken back; resolves to whether it is wanted. */
export function confirmed(title, text, word) {
  return new Promise(resolve => {
    const dialog = document.createElement('dialog');
    dialog.setAttribute('aria-labelledby', 'question');
    document.body.append(dialog);
    const close = answer => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    dialog.addEventListener('cancel', () => close(false));
    render(html`
      <h2 id="question">${title}</h2>
      <p>${text}</p>
      <div class="buttons">
        <button type="button" autofocus @click=${() => close(false)}>Cancel</button>
        <button type="button" class="danger" @click=${() => close(true)}>${word}</button>
      </div>`, dialog);
    dialog.showModal();
  });
}

export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} is copied.`);
  } catch {
    say('The browser does not let the page copy; select the text instead.', true);
  }
}

export function download(name, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], {type: 'application/json'}));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// ---- Numbers and times

const NUMBERS = new Intl.NumberFormat('en', {maximumFractionDigits: 1});

export const number = value => value === undefined || value === null ? '–' : NUMBERS.format(value);

export function duration(ms) {
  if (ms === undefined || ms === null) {
    return '–';
  }
  if (ms < 1000) {
    return Math.round(ms) + ' ms';
  }
  const seconds = ms / 1000;
  return seconds < 90 ? number(seconds) + ' s' : seconds < 5400 ? Math.round(seconds / 60) + ' min' : number(seconds / 3600) + ' h';
}

export function size(bytes) {
  if (bytes === undefined || bytes === null) {
    return '–';
  }
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return number(bytes) + ' ' + units[unit];
}

const pad = (value, width = 2) => String(value).padStart(width, '0');

export function time(ms) {
  const at = new Date(ms);
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${pad(at.getMilliseconds(), 3)}`;
}

export function dateTime(ms) {
  const at = new Date(ms);
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${time(ms).slice(0, 8)}`;
}

/** A line of the last values. */
export function spark(values) {
  if (!values || values.length < 2) {
    return nothing;
  }
  const most = Math.max(...values, 1);
  const points = values.map((value, i) => `${(i * 80 / (values.length - 1)).toFixed(1)},${(20 - value * 18 / most).toFixed(1)}`);
  return svg`<svg class="spark" viewBox="0 0 80 22" preserveAspectRatio="none" aria-hidden="true"><polyline points=${points.join(' ')}></polyline></svg>`;
}

// ---- Payloads

export const bytesOf = base64 => Uint8Array.from(atob(base64), c => c.charCodeAt(0));

export function textOf(bytes) {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
  } catch {
    return undefined;
  }
}

export function jsonOf(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}

export function hexOf(bytes) {
  const lines = [];
  for (let at = 0; at < Math.min(bytes.length, 4096); at += 16) {
    const row = [...bytes.slice(at, at + 16)];
    const hex = row.map(b => pad(b.toString(16))).join(' ').padEnd(47);
    lines.push(`${pad(at.toString(16), 6)}  ${hex}  ${row.map(b => b >= 32 && b < 127 ? String.fromCharCode(b) : '.').join('')}`);
  }
  return lines.join('\n') + (bytes.length > 4096 ? `\n… ${bytes.length - 4096} more bytes` : '');
}

/** A payload in the way that was chosen, or that fits it. */
export function payload(bytes, chosen, choose) {
  const text = textOf(bytes);
  const json = text === undefined ? undefined : jsonOf(text);
  const ways = [['Text', text], ['JSON', json], ['Hex', hexOf(bytes)]];
  const fitting = chosen && ways.find(([name, shown]) => name === chosen && shown !== undefined)
    ? chosen : json !== undefined && /^[[{]/.test(text.trim()) ? 'JSON' : text !== undefined ? 'Text' : 'Hex';
  return html`
    <div class="payload">
      <div class="segments" role="group" aria-label="Show the payload as">${ways.map(([name, shown]) => html`
        <button type="button" aria-pressed=${name === fitting} ?disabled=${shown === undefined} @click=${() => choose(name)}>${name}</button>`)}
        <span class="muted">${size(bytes.length)}</span></div>
      <pre tabindex="0" aria-label="Payload">${ways.find(([name]) => name === fitting)[1]}</pre>
    </div>`;
}

export const differences = changes => changes.length === 0
  ? html`<p class="muted">Nothing is different.</p>`
  : html`<div class="scroll" tabindex="0" role="region" aria-label="Differences"><table class="diff"><thead><tr><th scope="col">Setting</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
    <tbody>${changes.map(({key, from, to}) => html`<tr>
      <th scope="row">${key}</th>
      <td>${from === undefined ? html`<span class="muted">not set</span>` : html`<del>${from || '(empty)'}</del>`}</td>
      <td>${to === undefined ? html`<span class="muted">not set</span>` : html`<ins>${to || '(empty)'}</ins>`}</td></tr>`)}</tbody></table></div>`;

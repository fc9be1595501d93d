// What has happened: lifecycle, statistics, errors.
import {html, nothing, redraw, dateTime} from './parts.js';
import {follow} from './http.js';

const KINDS = [['lifecycle', 'Lifecycle'], ['statistics', 'Statistics'], ['errors', 'Errors']];

let shown;
let end;

export function open(app, one) {
  if (shown?.of === one.name) {
    return;
  }
  close();
  // Standalone brokers have names that the connector does not say.
  const broker = one.config['broker.mode'] === 'remote' ? undefined : one.config['broker.name'] ?? 'default';
  shown = {of: one.name, kind: 'lifecycle', words: '', events: [], known: new Set()};
  const mine = shown;
  end = follow(['events', app.context, one.name], {
    event: event => {
      if (!mine.known.has(event.id) && (event.connector || !broker || !event.broker || event.broker === broker)) {
        mine.known.add(event.id);
        mine.events.unshift(event);
        mine.events.length = Math.min(mine.events.length, 2000);
      }
      redraw();
    },
    alive: () => {
      mine.away = undefined;
      mine.asked = true;
      redraw();
    },
    away: answer => {
      mine.away = answer.error;
      redraw();
    },
  });
}

export function close() {
  end?.();
  end = undefined;
  shown = undefined;
}

function statistics(event) {
  const fields = Object.entries(event.fields ?? {}).filter(([, value]) => typeof value === 'number');
  return fields.length ? html`<span class="sub">${fields.map(([name, value]) => `${name} ${value}`).join(', ')}</span>` : nothing;
}

export function view() {
  if (!shown) {
    return nothing;
  }
  const words = shown.words.toLowerCase();
  const matching = shown.events.filter(event => !words || JSON.stringify(event).toLowerCase().includes(words));
  const list = matching.filter(event => event.kind === shown.kind);
  return html`
    ${shown.away ? html`<div class="note quiet"><div>Events come from the status listener. ${shown.away}</div></div>` : nothing}
    <div class="row"><div class="segments" role="group" aria-label="Kind of event">${KINDS.map(([kind, title]) => html`
      <button type="button" aria-pressed=${shown.kind === kind} @click=${() => {
        shown.kind = kind;
        redraw();
      }}>${title} <span class="count">${matching.filter(event => event.kind === kind).length}</span></button>`)}</div>
      <div class="field find"><label class="hidden" for="find-event">Find in events</label><input id="find-event" type="search" placeholder="Find in events" .value=${shown.words} @input=${event => {
        shown.words = event.target.value;
        redraw();
      }}></div></div>
    ${list.length === 0 ? html`<div class="empty"><h2>${shown.asked ? 'Nothing to show' : 'Waiting for the status listener'}</h2>
      <p>${shown.asked ? (words ? 'No event has these words.' : 'There is no such event since the worker started.') : 'The console keeps asking it.'}</p></div>` : html`
    <div class="card scroll" tabindex="0" role="region" aria-label="Events"><table class="events"><thead><tr><th scope="col">Time</th><th scope="col">Of</th><th scope="col">What happened</th></tr></thead>
      <tbody>${list.slice(0, 500).map(event => html`<tr><td><time class="muted">${dateTime(Date.parse(event.time))}</time></td>
        <td>${event.connector ?? (event.broker ? 'broker ' + event.broker : '')}${event.task !== undefined && event.task !== null ? html`<span class="sub">task ${event.task}</span>` : nothing}</td>
        <td class=${event.kind === 'errors' ? 'failure' : ''}>${event.text}${event.kind === 'statistics' ? statistics(event) : nothing}<span class="sub"><code>${event.event}</code></span></td></tr>`)}</tbody></table></div>`}`;
}

// All integrations of a worker.
import {html, nothing, redraw, icon, state, tool, trying, confirmed, number, duration, spark} from './parts.js';
import {order} from './http.js';

export const title = () => 'Integrations';

const open = new Set();

export function give(app, verb, name, done) {
  return trying(() => order([verb, app.context, name]), done);
}

export async function remove(app, name) {
  if (await confirmed(`Delete ${name}?`, 'Its tasks end and its configuration is gone. What waits for it in the buffer, and its'
      + ' offsets, stay: an integration of the same name goes on where it ended.', 'Delete')) {
    return trying(() => order(['delete', app.context, name]), `${name} is deleted.`);
  }
  return undefined;
}

export function tools(app, row) {
  const rests = row.state === 'PAUSED' || row.state === 'STOPPED';
  return html`
    ${tool('restart', `Restart ${row.name}`, () => give(app, 'restart', row.name, `${row.name} is started again.`), app.readOnly)}
    ${rests
      ? tool('play', `Resume ${row.name}`, () => give(app, 'resume', row.name, `${row.name} goes on.`), app.readOnly)
      : tool('pause', `Pause ${row.name}`, () => give(app, 'pause', row.name, `${row.name} is being paused: devices stay connected, and what they publish waits.`), app.readOnly)}`;
}

export const traces = row => html`<div class="traces">
  <p class="failure">${row.failure}</p>
  ${row.traces.map(each => html`<h3>${each.of} <span class="muted">on ${each.worker}</span></h3><pre tabindex="0" aria-label="Stack trace">${each.trace}</pre>`)}</div>`;

function line(app, row) {
  const href = '#/integration/' + encodeURIComponent(row.name);
  const shown = open.has(row.name);
  const toggle = () => {
    shown ? open.delete(row.name) : open.add(row.name);
    redraw();
  };
  const live = row.live ?? {};
  return html`
    <tr class=${row.state === 'FAILED' ? 'failed' : ''}>
      <th scope="row"><a href=${href}>${row.name}</a><span class="sub">${row.class}</span></th>
      <td>${row.state === 'FAILED'
        ? html`<button type="button" class="link" aria-expanded=${shown} @click=${toggle}>${state(row.state)}<span class="more">why?</span></button>`
        : state(row.state)}<span class="sub">${row.tasks} tasks</span></td>
      <td class="flow"><code>${row.filters || '–'}</code><span class="sub">→ <code>${row.topic || '–'}</code></span></td>
      <td class="num rate">${spark(live.rates)}<span>${live.rate === undefined ? '–' : number(live.rate) + '/s'}</span></td>
      <td class="num">${number(live.lag)}<span class="sub">${duration(live.age)}</span></td>
      <td class="num">${live.dead ? html`<a href=${href + '/letters'}>${number(live.dead)}</a>` : number(live.dead)}</td>
      <td class="tools">${tools(app, row)}
        <a class="tool" href=${'#/change/' + encodeURIComponent(row.name)} title="Change ${row.name}" aria-label="Change ${row.name}">${icon('edit')}</a>
        ${tool('trash', `Delete ${row.name}`, () => remove(app, row.name), app.readOnly)}</td>
    </tr>
    ${live.text && row.state !== 'FAILED' ? html`<tr class="below"><td colspan="7"><p class="failure">${live.text}</p></td></tr>` : nothing}
    ${row.state === 'FAILED' ? html`<tr class="below"><td colspan="7">${shown ? traces(row) : html`<p class="failure">${row.failure}</p>`}</td></tr>` : nothing}`;
}

export function view(app) {
  const rows = app.connectors;
  return html`
    <div class="head"><h1 tabindex="-1">Integrations</h1>
      <a class="button primary" href="#/new" aria-label="New integration">${icon('plus')}New integration</a></div>
    ${rows === undefined
      ? html`<p class="muted" aria-busy="true">Asking the worker at ${app.place?.worker} …</p>`
      : rows.length === 0 ? html`
        <div class="empty"><h2>Nothing runs here yet</h2>
          <p>An integration takes what devices publish over MQTT and writes it to Kafka.</p>
          <a class="button primary" href="#/new">${icon('plus')}New integration</a></div>`
      : html`<div class="card scroll"><table class="rows">
          <thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col">Topic filters → Kafka topic</th>
            <th scope="col" class="num">Delivered</th><th scope="col" class="num">Lag, oldest</th><th scope="col" class="num">Dead letters</th>
            <th scope="col"><span class="hidden">Actions</span></th></tr></thead>
          <tbody>${rows.map(row => line(app, row))}</tbody></table></div>
        ${app.statusFailure && rows.some(row => !row.live) ? html`<p class="hint">Rates, lag and dead letters come from the status listener. ${app.statusFailure}</p>` : nothing}`}`;
}

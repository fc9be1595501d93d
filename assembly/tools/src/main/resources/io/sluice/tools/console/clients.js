// Who is connected.
import {html, nothing, redraw, number, dateTime, tool, trying, confirmed} from './parts.js';
import {see, order} from './http.js';

export const title = () => 'Clients';

let shown;
let timer;
let words = '';
let asked = 0;

export function open(app) {
  close();
  load(app);
}

export function close() {
  asked++;
  clearTimeout(timer);
  shown = undefined;
}

async function load(app) {
  clearTimeout(timer);
  const mine = ++asked;
  const answer = await see('clients', app.context).catch(failure => ({clients: [], failures: [failure.message], total: 0}));
  // Who has left the page, or asked again meanwhile, waits for another answer or none.
  if (mine === asked) {
    shown = answer;
    timer = setTimeout(() => load(app), 3000);
    redraw();
  }
}

async function disconnect(app, client) {
  if (await confirmed(`Disconnect ${client.clientId}?`, 'Its session stays, and it may connect again at once.', 'Disconnect')) {
    await trying(() => order(['disconnect', app.context], {listener: client.listener, clientId: client.clientId}), `${client.clientId} is disconnected.`);
    load(app);
  }
}

export function view(app) {
  const find = words.toLowerCase();
  const list = (shown?.clients ?? []).filter(client => !find || `${client.clientId} ${client.username} ${client.address}`.toLowerCase().includes(find));
  return html`
    <div class="head"><h1 tabindex="-1">Clients</h1>
      ${shown?.clients.length ? html`<div class="field find"><label class="hidden" for="find-client">Find a client</label>
        <input id="find-client" type="search" placeholder="Find a client" .value=${words} @input=${event => {
          words = event.target.value;
          redraw();
        }}></div>` : nothing}</div>
    ${shown === undefined ? html`<p class="muted" aria-busy="true">Asking the status listener …</p>` : html`
      ${shown.failures.map(sentence => html`<div class="note quiet"><div>The status listener says who is connected. ${sentence}</div></div>`)}
      ${shown.clients.length === 0 ? (shown.failures.length ? nothing : html`<div class="empty"><h2>Nobody is connected</h2><p>Devices show up here when they connect.</p></div>`) : html`
      <p class="muted">${number(shown.total)} connected${shown.total > shown.clients.length ? `, of whom ${number(shown.clients.length)} are shown` : ''}.</p>
      <div class="card scroll" tabindex="0" role="region" aria-label="Clients"><table class="rows"><thead><tr><th scope="col">Client</th><th scope="col">User</th><th scope="col">From</th><th scope="col">MQTT</th><th scope="col">Since</th><th scope="col" class="num">Waiting</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
        <tbody>${list.map(client => html`<tr><th scope="row"><code>${client.clientId}</code><span class="sub">broker ${client.broker}</span></th>
          <td>${client.username ?? html`<span class="muted">–</span>`}</td><td><code>${client.address}</code></td><td>${client.protocol}<span class="sub">${client.transport}</span></td>
          <td>${dateTime(Date.parse(client.connectedAt))}</td><td class="num">${number(client.queued)}</td>
          <td class="tools">${tool('close', `Disconnect ${client.clientId}`, () => disconnect(app, client), app.readOnly)}</td></tr>`)}</tbody></table></div>`}`}`;
}

// A client that the console connects to a broker.
import {html, nothing, redraw, icon, note, trying, time, size, download} from './parts.js';
import {see, order, follow} from './http.js';

export const title = () => 'MQTT client';

const form = {broker: '', version: '5', clientId: '', username: '', password: '', willTopic: '', willPayload: '', willQos: 0, willRetain: false};
const publishing = {topic: 'sensors/1/temp', payload: '{"celsius": 21.5}', qos: 1, retain: false, contentType: '', responseTopic: '', correlationData: '', expirySeconds: '', text: false, properties: ''};
const subscribing = {filter: '#', qos: 1};

let brokers;
let client;
let end;
let error;
let connecting = false;
let log = [];
let only = 'all';

export async function open(app) {
  try {
    brokers = await see('brokers', app.context);
    if (!brokers.some(each => each.address === form.broker)) {
      form.broker = brokers[0]?.address ?? '';
    }
  } catch (failure) {
    error = failure.message;
  }
}

async function connect(app) {
  connecting = true;
  error = undefined;
  redraw();
  try {
    const answer = await order(['mqtt-connect', app.context], {
      broker: form.broker, version: Number(form.version), clientId: form.clientId, username: form.username, password: form.password,
      will: {topic: form.willTopic, payload: form.willPayload, qos: Number(form.willQos), retain: form.willRetain},
    });
    client = answer.client;
    log = [];
    end = follow(['mqtt', client], {
      once: true,
      entry: entry => {
        if (!log.some(each => each.seq === entry.seq)) {
          log.push(entry);
        }
        if (log.length > 1000) {
          log.shift();
        }
        redraw();
        queueMicrotask(() => {
          const list = document.getElementById('log');
          if (list && list.scrollHeight - list.scrollTop - list.clientHeight < 160) {
            list.scrollTop = list.scrollHeight;
          }
        });
      },
      ended: () => over(),
      gone: () => {
        error = 'The client is gone: the console was started again, or does not answer. Connect again.';
        over();
      },
    });
  } catch (failure) {
    error = failure.message;
  }
  connecting = false;
  redraw();
}

function over() {
  end?.();
  end = undefined;
  client = undefined;
  redraw();
}

async function disconnect() {
  await trying(() => order(['mqtt-disconnect', client]));
}

const publish = () => trying(() => order(['mqtt-publish', client], {
  ...publishing, qos: Number(publishing.qos), expirySeconds: Number(publishing.expirySeconds) || 0,
  properties: publishing.properties.split('\n').filter(line => line.includes('=')).map(line => ({name: line.slice(0, line.indexOf('=')), value: line.slice(line.indexOf('=') + 1)})),
}));

const subscribe = () => trying(() => order(['mqtt-subscribe', client], {filter: subscribing.filter, qos: Number(subscribing.qos)}));

const input = (of, key, label, more = {}) => html`<div class="field"><label for=${more.id ?? 'mqtt-' + key}>${label}</label>
  <input id=${more.id ?? 'mqtt-' + key} type=${more.type ?? 'text'} class=${more.mono ? 'mono' : ''} autocomplete=${more.type === 'password' ? 'new-password' : 'off'} spellcheck="false" placeholder=${more.placeholder ?? nothing}
    ?disabled=${more.disabled} .value=${of[key]} @input=${event => {
      of[key] = event.target.value;
    }}></div>`;

const qos = (of, key, label, disabled) => html`<div class="field"><label for=${'mqtt-' + label.replaceAll(' ', '-')}>${label}</label>
  <select id=${'mqtt-' + label.replaceAll(' ', '-')} ?disabled=${disabled} @change=${event => {
    of[key] = Number(event.target.value);
  }}>${[['0', 'at most once'], ['1', 'at least once'], ['2', 'exactly once']].map(([level, word]) => html`<option value=${level} ?selected=${of[key] === Number(level)}>${level}, ${word}</option>`)}</select></div>`;

const tick = (of, key, label, disabled) => html`<label class="check"><input type="checkbox" ?disabled=${disabled} .checked=${of[key]} @change=${event => {
  of[key] = event.target.checked;
}}> ${label}</label>`;

function connection(app) {
  const on = client !== undefined;
  return html`<form class="card padded stack" @submit=${event => {
    event.preventDefault();
    on ? disconnect() : connect(app);
  }}>
    <div class="head"><h2>Connection</h2>${on ? html`<span class="state good" role="status"><span class="dot" aria-hidden="true"></span>Connected</span>`
      : html`<span class="state rest" role="status"><span class="dot" aria-hidden="true"></span>${connecting ? 'Connecting …' : 'Not connected'}</span>`}</div>
    <div class="field"><label for="mqtt-broker">Broker</label>
      <select id="mqtt-broker" ?disabled=${on} @change=${event => {
        form.broker = event.target.value;
      }}>${(brokers ?? []).map(each => html`<option value=${each.address} ?selected=${each.address === form.broker}>${each.address} (${each.title})</option>`)}</select></div>
    <div class="grid2">
      ${input(form, 'username', 'User name', {disabled: on})}
      ${input(form, 'password', 'Password', {disabled: on, type: 'password'})}
    </div>
    <details><summary>Version, client id, will</summary><div class="stack tight">
      <div class="grid2">
        <div class="field"><label for="mqtt-version">Version</label><select id="mqtt-version" ?disabled=${on} @change=${event => {
          form.version = event.target.value;
        }}><option value="5" ?selected=${form.version === '5'}>MQTT 5</option><option value="3" ?selected=${form.version === '3'}>MQTT 3.1.1</option></select></div>
        ${input(form, 'clientId', 'Client id', {disabled: on, placeholder: 'chosen at random', mono: true})}
        ${input(form, 'willTopic', 'Will topic', {disabled: on, mono: true})}
        ${input(form, 'willPayload', 'Will payload', {disabled: on, mono: true})}
        ${qos(form, 'willQos', 'Will QoS', on)}</div>
      ${tick(form, 'willRetain', 'The broker keeps the will', on)}</div></details>
    ${error ? note('bad', error) : nothing}
    ${app.readOnly ? note('', 'This console is read-only, so it connects no client.') : nothing}
    <div class="row end"><button class=${on ? '' : 'primary'} ?disabled=${app.readOnly || connecting || !form.broker}>${on ? 'Disconnect' : 'Connect'}</button></div></form>`;
}

function publisher() {
  const off = client === undefined;
  return html`<form class="card padded stack" @submit=${event => {
    event.preventDefault();
    publish();
  }}><h2>Publish</h2>
    ${input(publishing, 'topic', 'Topic', {mono: true})}
    <div class="field"><label for="mqtt-payload">Payload</label><textarea id="mqtt-payload" rows="4" spellcheck="false" .value=${publishing.payload} @input=${event => {
      publishing.payload = event.target.value;
    }}></textarea></div>
    <div class="grid2">${qos(publishing, 'qos', 'QoS')}<div class="field"><span class="label" aria-hidden="true">&nbsp;</span>${tick(publishing, 'retain', 'Retain')}</div></div>
    <details><summary>MQTT 5 properties</summary><div class="stack tight"><div class="grid2">
      ${input(publishing, 'contentType', 'Content type', {placeholder: 'application/json'})}
      ${input(publishing, 'expirySeconds', 'Expires after seconds')}
      ${input(publishing, 'responseTopic', 'Response topic', {mono: true})}
      ${input(publishing, 'correlationData', 'Correlation data', {mono: true})}</div>
      ${tick(publishing, 'text', 'Marked as UTF-8 text')}
      <div class="field"><label for="mqtt-properties">User properties, name=value, one a line</label><textarea id="mqtt-properties" rows="2" spellcheck="false" .value=${publishing.properties} @input=${event => {
        publishing.properties = event.target.value;
      }}></textarea></div></div></details>
    <div class="row end"><button class="primary" ?disabled=${off}>${icon('send')}Publish</button></div></form>`;
}

function subscriber() {
  return html`<form class="card padded stack" @submit=${event => {
    event.preventDefault();
    subscribe();
  }}><h2>Subscribe</h2><div class="grid2">${input(subscribing, 'filter', 'Topic filter', {mono: true, id: 'subscribe-filter'})}${qos(subscribing, 'qos', 'At most QoS')}</div>
    <div class="row end"><button ?disabled=${client === undefined}>Subscribe</button></div></form>`;
}

const KINDS = {sent: 'Sent', received: 'Received', info: 'Session', error: 'Error'};

function entry(each) {
  const shown = each.payload ?? (each.payloadBase64 ? '(bytes) ' + each.payloadBase64 : '');
  return html`<li class=${each.kind}><time>${time(each.time)}</time><span class="kind">${KINDS[each.kind]}</span>
    <div class="what">${each.text ?? html`<strong>${each.topic}</strong> <span class="muted">QoS ${each.qos}${each.retain ? ', retained' : ''}, ${size(each.bytes)}${each.contentType ? ', ' + each.contentType : ''}</span>
      <code>${shown}</code>
      ${each.properties?.length ? html`<span class="sub">${each.properties.map(p => `${p.name}=${p.value}`).join(', ')}</span>` : nothing}`}</div></li>`;
}

function messages() {
  const shown = log.filter(each => only === 'all' || each.kind === only);
  return html`<section class="card" aria-label="Log"><div class="row padded"><h2>Log</h2>
    <div class="segments" role="group" aria-label="Show">${[['all', 'All'], ['sent', 'Sent'], ['received', 'Received']].map(([name, text]) => html`
      <button type="button" aria-pressed=${only === name} @click=${() => {
        only = name;
        redraw();
      }}>${text}</button>`)}</div>
    <button type="button" class="small" ?disabled=${log.length === 0} @click=${() => download('mqtt-log.json', JSON.stringify(log, null, 2))}>Export</button>
    <button type="button" class="small" ?disabled=${log.length === 0} @click=${() => {
      log = [];
      redraw();
    }}>Clear</button></div>
    ${shown.length === 0 ? html`<p class="muted padded">What the client sends and receives is shown here.</p>` : html`<ul class="log" id="log" tabindex="0" aria-label="Messages">${shown.map(entry)}</ul>`}</section>`;
}

export function view(app) {
  return html`<div class="head"><h1 tabindex="-1">MQTT client</h1></div>
    <p class="muted">The console makes the connection, so a broker needs no WebSocket listener for it.</p>
    <div class="split"><div class="stack">${connection(app)}${publisher()}${subscriber()}</div>${messages()}</div>`;
}

// What the routes of a configuration would make of a message: typed in, or taken live from a broker.
import {html, nothing, redraw, note, payload, bytesOf} from './parts.js';
import {see, ask, follow} from './http.js';

const message = {topic: 'sensors/1/temp', payload: '{"celsius": 21.5}', clientId: 'client-1', qos: 1, retain: false, properties: []};
let subject;
let made;
let error;
let timer;
let number = 0;
let brokers;
let tap;
let end;
const shown = new Map();

export function close() {
  end?.();
  end = undefined;
  tap = undefined;
  made = undefined;
  error = undefined;
  subject = undefined;
  brokers = undefined;
}

const matches = (filter, topic) => new RegExp('^' + filter.split('/').map(level => level === '+' ? '[^/]*' : level === '#' ? '.*' : level.replace(/\W/g, '\\$&')).join('/') + '$').test(topic);

/** The configuration has changed. */
export function changed() {
  if (subject) {
    clearTimeout(timer);
    timer = setTimeout(run, 250);
  }
}

async function run() {
  if (!subject) {
    return;
  }
  const mine = ++number;
  const {context, name, config, from} = subject();
  const [property, ...value] = (message.property ?? '').split('=');
  message.properties = property && value.length ? [{name: property, value: value.join('=')}] : message.properties;
  try {
    const answer = await ask(['preview', context], {name, config, from, message});
    if (mine === number) {
      made = answer;
      error = undefined;
    }
  } catch (failure) {
    if (mine === number) {
      error = failure.message;
    }
  }
  redraw();
}

async function listen() {
  if (end) {
    end();
    end = undefined;
    tap = undefined;
    redraw();
    return;
  }
  const {context} = subject();
  const [address, filter] = ['tap-broker', 'tap-filter'].map(id => document.getElementById(id).value);
  tap = {state: 'Connecting …'};
  const mine = tap;
  redraw();
  try {
    // What is wrong is answered, while an event source only says that it failed.
    await ask(['tap-check', context], {broker: address, filter});
  } catch (failure) {
    mine.error = failure.message;
    redraw();
    return;
  }
  // Who has left, or clicked once more, listens elsewhere or not at all.
  if (mine !== tap) {
    return;
  }
  const stop = follow(['tap', context], {
    once: true,
    subscribed: () => {
      tap = {state: 'Listening; the last message is shown above.'};
      redraw();
    },
    message: taken => {
      Object.assign(message, {payload: undefined, payloadBase64: undefined, contentType: undefined, responseTopic: undefined, correlationData: undefined, expirySeconds: undefined, text: undefined, properties: []}, taken);
      changed();
      redraw();
    },
    failed: answer => {
      tap = {error: answer.error};
      end = undefined;
      stop();
      redraw();
    },
    lost: () => {
      tap = {error: 'The connection to the broker is lost.'};
      end = undefined;
      stop();
      redraw();
    },
  }, `?broker=${encodeURIComponent(address)}&filter=${encodeURIComponent(filter)}`);
  end = stop;
}

function row(each, i) {
  const bytes = each.valueBase64 ? bytesOf(each.valueBase64) : new TextEncoder().encode(each.value ?? '');
  const title = {record: ['good', 'Record'], 'dead letter': ['bad', 'Dead letter'], 'left out': ['rest', 'Left out']}[each.result];
  return html`<div class="made">
    <div class="row"><span class="state ${title[0]}"><span class="dot" aria-hidden="true"></span>${title[1]}</span><span class="muted">route ${each.route}</span></div>
    ${each.reason ? html`<p class=${each.result === 'dead letter' ? 'failure' : 'muted'}>${each.reason}</p>` : nothing}
    ${each.topic ? html`<dl class="kv code"><dt>topic</dt><dd>${each.topic}</dd><dt>key</dt><dd>${each.key ?? html`<span class="muted">none</span>`}</dd></dl>
      ${payload(bytes, shown.get(i), way => {
        shown.set(i, way);
        redraw();
      })}
      <details><summary>${each.headers.length} headers</summary><dl class="kv code">${each.headers.map(header => html`<dt>${header.name}</dt><dd>${header.value ?? header.valueBase64}</dd>`)}</dl></details>` : nothing}</div>`;
}

const text = (label, key, more = {}) => html`<div class="field"><label for=${'try-' + key}>${label}</label>
  <input id=${'try-' + key} class="mono" autocomplete="off" spellcheck="false" .value=${message[key] ?? ''} placeholder=${more.placeholder ?? nothing} @input=${event => {
    message[key] = event.target.value;
    changed();
  }}></div>`;

export function panel(of) {
  if (!subject) {
    subject = of;
    const [filter] = (of().config['topic.filters'] ?? '#').split(',');
    if (filter !== '#' && !matches(filter, message.topic)) {
      message.topic = filter.replaceAll('+', '1').replace(/#$/, '1').replace(/^\$share\/[^/]+\//, '');
    }
    run();
    see('brokers', of().context).then(answer => {
      brokers = answer;
      redraw();
    }).catch(() => {
      brokers = [];
    });
  }
  subject = of;
  return html`<div class="previewing"><div class="stack">
    <section class="stack tight" aria-label="A message">
      ${text('MQTT topic', 'topic')}
      <div class="field"><label for="try-payload">Payload</label>
        <textarea id="try-payload" rows="4" spellcheck="false" .value=${message.payload ?? ''} placeholder=${message.payloadBase64 ? 'bytes that are no text' : nothing} @input=${event => {
          message.payload = event.target.value;
          message.payloadBase64 = undefined;
          changed();
        }}></textarea></div>
      <details><summary>Who publishes, and how</summary><div class="stack tight">
        <div class="grid2">${text('Client id', 'clientId')}${text('User name', 'username')}${text('Content type', 'contentType', {placeholder: 'application/json'})}
        <div class="field"><label for="try-qos">QoS</label><select id="try-qos" @change=${event => {
          message.qos = Number(event.target.value);
          changed();
        }}>${[0, 1, 2].map(qos => html`<option ?selected=${message.qos === qos}>${qos}</option>`)}</select></div></div>
        <label class="check"><input type="checkbox" .checked=${message.retain} @change=${event => {
          message.retain = event.target.checked;
          changed();
        }}> Retained</label>
        ${text('Expires after seconds', 'expirySeconds')}
        ${text('User property', 'property', {placeholder: 'name=value'})}</div></details>
      ${brokers?.length ? html`<details ?open=${!!end}><summary>Take it live from a broker</summary><div class="stack tight">
        <div class="field"><label for="tap-broker">Broker</label><select id="tap-broker" ?disabled=${!!end}>${brokers.map(each => html`<option value=${each.address}>${each.address} (${each.title})</option>`)}</select></div>
        <div class="inline"><div class="field"><label for="tap-filter">Topic filter</label><input id="tap-filter" class="mono" value="#" ?disabled=${!!end}></div>
          <button type="button" @click=${listen}>${end ? 'Stop' : 'Listen'}</button></div>
        ${tap?.error ? note('bad', tap.error) : tap ? html`<p class="muted" aria-live="polite">${tap.state}</p>` : nothing}</div></details>` : nothing}
    </section>
    <section class="stack tight" aria-label="What it becomes" aria-live="polite"><h3>It becomes</h3>
      ${error ? note('bad', error) : made === undefined ? html`<p class="muted" aria-busy="true">Trying …</p>` : made.length === 0 ? note('', `No route takes ${message.topic}.`) : made.map(row)}</section></div></div>`;
}

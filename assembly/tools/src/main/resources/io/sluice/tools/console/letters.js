// Messages of which no record could be made.
import {html, nothing, redraw, note, payload, bytesOf, textOf, trying, dateTime, icon, tool} from './parts.js';
import {see, order} from './http.js';

let list;

export async function open(app, one) {
  list ??= {ways: new Map(), edits: new Map()};
  if (list.of !== one.name) {
    list = {of: one.name, ways: new Map(), edits: new Map()};
  }
  load(app, one);
}

export function close() {
  list = undefined;
}

async function load(app, one) {
  const mine = list;
  mine.loading = true;
  redraw();
  try {
    Object.assign(mine, await see('letters', app.context, one.name), {failure: undefined});
    mine.brokers ??= await see('brokers', app.context);
  } catch (failure) {
    mine.failure = failure.message;
  }
  mine.loading = false;
  redraw();
}

/** Where the message came from stands beside it. */
const short = cause => (cause ?? '').replace(/^The message at position [\s\S]*? cannot be mapped by route [^:]+: /, '');

function edit(letter) {
  let draft = list.edits.get(letter.place);
  if (!draft) {
    const bytes = bytesOf(letter.payloadBase64);
    const text = textOf(bytes);
    draft = {topic: letter.topic ?? '', qos: 1, contentType: letter.contentType ?? '', responseTopic: letter.responseTopic ?? '', properties: letter.properties};
    Object.assign(draft, text === undefined ? {payloadBase64: letter.payloadBase64} : {payload: text});
    list.edits.set(letter.place, draft);
  }
  return draft;
}

function again(app, one, letter) {
  const draft = edit(letter);
  const id = 'again-' + letter.place;
  const own = list.brokers?.find(each => each.title === 'of ' + one.name)?.address ?? list.brokers?.[0]?.address;
  const send = async event => {
    event.preventDefault();
    draft.sending = true;
    redraw();
    const sent = await trying(() => order(['resend', app.context], {broker: draft.broker ?? own, message: draft}), `The message is published to ${draft.topic} again.`);
    draft.sending = false;
    draft.sent = sent !== undefined;
    redraw();
  };
  return html`<form class="made" @submit=${send}><h3>Send again</h3>
    <p class="muted">Publishes the message once more, so that the routes see it as they are now. The dead letter stays in Kafka.</p>
    ${letter.cutFrom ? note('', `Only the first bytes of ${letter.cutFrom} are in the dead letter.`) : nothing}
    ${letter.headers.some(header => header.name === 'mqtt.correlation.data') ? note('', 'The message is sent without its correlation data.') : nothing}
    <div class="grid2"><div class="field"><label for=${id + 't'}>MQTT topic</label><input id=${id + 't'} class="mono" autocomplete="off" .value=${draft.topic} @input=${event => {
      draft.topic = event.target.value;
    }}></div>
    <div class="field"><label for=${id + 'b'}>Broker</label><select id=${id + 'b'} @change=${event => {
      draft.broker = event.target.value;
    }}>${(list.brokers ?? []).map(each => html`<option value=${each.address} ?selected=${each.address === (draft.broker ?? own)}>${each.address}</option>`)}</select></div></div>
    <div class="field"><label for=${id + 'p'}>Payload</label>
      ${draft.payload === undefined ? html`<p class="muted" id=${id + 'p'}>The payload is not text; the console sends it unchanged.</p>` : html`
      <textarea id=${id + 'p'} rows="4" spellcheck="false" .value=${draft.payload} @input=${event => {
        draft.payload = event.target.value;
      }}></textarea>`}</div>
    <div class="row"><button class="primary" ?disabled=${app.readOnly || draft.sending}>${icon('send')}Send again</button>
      ${draft.sent ? html`<span class="state good">${icon('check')}Published</span>` : nothing}</div></form>`;
}

export function view(app, one) {
  if (!list) {
    return nothing;
  }
  if (list.failure && !list.letters) {
    return note(/no topic/.test(list.failure) ? 'good' : 'bad', /no topic/.test(list.failure) ? `${list.failure} So there are no dead letters yet.` : list.failure);
  }
  if (!list.letters) {
    return html`<p class="muted" aria-busy="true">Reading from Kafka …</p>`;
  }
  if (list.topic === '') {
    return note('', 'The integration writes no dead letters: dead.letter.topic is empty, and errors.tolerance decides what happens to such messages.');
  }
  return html`
    <div class="row"><p class="muted">The last of ${one.name} in the Kafka topic <code>${list.topic}</code>, newest first.</p>
      ${tool('restart', 'Read again', () => load(app, one), list.loading)}</div>
    ${list.letters.length === 0 ? html`<div class="empty"><h2>No dead letters</h2><p>Every message became a record.</p></div>` : html`
    <ul class="card letters">${list.letters.map(letter => html`<li><details @toggle=${event => {
      letter.open = event.target.open;
      redraw();
    }}>
      <summary><time class="muted">${dateTime(letter.time)}</time><code>${letter.topic}</code><span class="cause">${short(letter.cause)}</span></summary>
      ${letter.open ? html`<div class="body">
        <dl class="kv"><dt>Cause</dt><dd class="failure">${letter.cause}</dd><dt>Published by</dt><dd><code>${letter.clientId ?? '–'}</code>${letter.username ? html` as <code>${letter.username}</code>` : nothing}</dd>
          <dt>Position</dt><dd>${letter.position} in the buffer, route <code>${letter.route}</code>, <code>${letter.place}</code> in Kafka</dd></dl>
        ${payload(bytesOf(letter.payloadBase64), list.ways.get(letter.place), way => {
          list.ways.set(letter.place, way);
          redraw();
        })}
        <details><summary>${letter.headers.length} headers</summary><dl class="kv code">${letter.headers.map(header => html`<dt>${header.name}</dt><dd>${header.value}</dd>`)}</dl></details>
        ${again(app, one, letter)}</div>` : nothing}</details></li>`)}</ul>`}`;
}

// A new integration, or a change to one: type, topic filters, configuration, review.
import {html, nothing, redraw, icon, note, trying, say, copy, differences} from './parts.js';
import {see, ask, order} from './http.js';
import {fields, extra, sentences} from './form.js';
import * as preview from './preview.js';

const SLUICE = 'io.sluice.connect.MqttSourceConnector';
const MASK = '********';

let draft;
let timer;
let asked = 0;

export const title = ([page, name]) => page === 'new' ? 'New integration' : `Change ${name}`;

const short = type => type.slice(type.lastIndexOf('.') + 1);

export async function open(app, [page, name]) {
  if (draft && draft.page === page && draft.base === name && draft.context === app.context) {
    return;
  }
  draft = {
    page, base: name, context: app.context, name: name ?? '', config: {}, from: name, step: page === 'new' ? 0 : 2,
    keys: [], groups: [], defs: new Map(), side: 'json', filter: '', opened: new Set(), shared: '', brokers: [], notes: [], paste: '', findings: undefined,
  };
  const mine = draft;
  try {
    if (page === 'new') {
      const [plugins, beginning] = await Promise.all([see('plugins', app.context), see('beginning', app.context)]);
      if (mine !== draft) {
        return;
      }
      mine.plugins = plugins.filter(each => each.type === 'source' || each.type === 'sink');
      mine.brokers = beginning.brokers;
      mine.beginning = beginning.config;
      if (mine.plugins.some(each => each.class === SLUICE)) {
        choose(SLUICE);
      }
    } else {
      const one = await see('integration', app.context, name);
      if (mine !== draft) {
        return;
      }
      mine.config = one.config;
      mine.class = one.type;
    }
    json();
    validate(true);
  } catch (failure) {
    mine.failure = failure.message;
  }
}

export function close() {
  clearTimeout(timer);
  preview.close();
  draft = undefined;
}

function choose(type) {
  draft.class = type;
  draft.defs = new Map();
  draft.config = type === SLUICE ? {...draft.beginning} : {'connector.class': type, 'tasks.max': '1'};
  draft.shared = '';
  if (type === SLUICE && draft.brokers.length > 0) {
    share(draft.brokers[0].name);
  }
  changed(true);
}

/** Integrations of one broker name it, its listeners and its buffer alike. */
function share(name) {
  const of = /^(broker|buffer)\./;
  const config = Object.fromEntries(Object.entries(draft.config).filter(([key]) => !of.test(key)));
  const broker = draft.brokers.find(each => each.name === name);
  const own = Object.fromEntries(Object.entries(draft.beginning).filter(([key]) => of.test(key)));
  draft.config = {...config, ...(broker ? broker.config : {...own, ...(draft.brokers.length > 0 ? {'broker.name': draft.name || 'own', 'broker.listeners': 'tcp://127.0.0.1:0'} : {})})};
  draft.shared = name;
  draft.from = broker?.name;
}

function json() {
  draft.json = JSON.stringify(draft.config, Object.keys(draft.config).sort(), 2);
  draft.jsonError = undefined;
}

function changed(definitions = false) {
  json();
  later(definitions);
  redraw();
}

function later(definitions) {
  clearTimeout(timer);
  draft.findings = undefined;
  draft.difference = undefined;
  timer = setTimeout(() => validate(definitions), 300);
  preview.changed();
}

async function validate(definitions) {
  const mine = draft;
  const number = ++asked;
  const asking = definitions || mine.defs.size === 0;
  if (!mine.config['connector.class']) {
    return;
  }
  try {
    const answer = await ask(['validate', mine.context],
      {name: mine.name || 'unnamed', config: mine.config, from: mine.from, definitions: asking});
    if (number !== asked || mine !== draft) {
      return;
    }
    mine.groups = answer.groups;
    for (const key of answer.keys) {
      if (asking) {
        mine.defs.set(key.name, key);
      } else if (!mine.defs.has(key.name)) {
        validate(true);
        return;
      }
    }
    // Those without a type are overrides of clients, of which the worker knows no more than their names.
    mine.keys = answer.keys.filter(key => mine.defs.get(key.name)?.type).map(key => ({...mine.defs.get(key.name), errors: undefined, hidden: undefined, recommended: undefined, ...key}));
    mine.others = answer.keys.filter(key => !mine.defs.get(key.name)?.type && key.errors);
    mine.failure = undefined;
  } catch (failure) {
    if (number === asked && mine === draft) {
      mine.failure = failure.message;
    }
  }
  redraw();
}

function set(key, value) {
  if (value === undefined) {
    delete draft.config[key];
  } else {
    draft.config[key] = value;
  }
  changed();
}

function fromJson(text) {
  draft.json = text;
  try {
    const parsed = JSON.parse(text);
    const config = parsed.config && typeof parsed.config === 'object' ? parsed.config : parsed;
    if (parsed.name && parsed.config && !draft.base) {
      draft.name = parsed.name;
    }
    const wrong = Object.entries(config).find(([, value]) => typeof value === 'object');
    if (wrong) {
      throw new Error(`${wrong[0]} is no text`);
    }
    draft.config = Object.fromEntries(Object.entries(config).filter(([key]) => key !== 'name').map(([key, value]) => [key, String(value)]));
    draft.jsonError = undefined;
    later(draft.config['connector.class'] !== draft.class);
    draft.class = draft.config['connector.class'];
  } catch (failure) {
    draft.jsonError = failure.message;
  }
  redraw();
}

const mistakes = () => [...draft.keys, ...draft.others ?? []].filter(key => key.errors?.length && key.name !== 'name');

// ---- Steps

function steps() {
  const names = draft.base ? [[2, 'Configuration'], [3, 'Review']] : [[0, 'Type'], [1, 'Topic filters'], [2, 'Configuration'], [3, 'Review']];
  return html`<ol class="steps" aria-label="Steps">${names.map(([number, name]) => html`
    <li><button type="button" aria-current=${draft.step === number ? 'step' : nothing} @click=${() => to(number)}>${name}</button></li>`)}</ol>`;
}

function to(step) {
  if (step > 1 && !draft.name.trim()) {
    draft.nameMissing = true;
    step = 1;
  }
  draft.step = step;
  if (step === 3) {
    compare();
  }
  redraw();
}

async function compare() {
  const mine = draft;
  try {
    mine.difference = await ask(['difference', mine.context], {name: mine.name, config: mine.config, from: mine.from});
  } catch (failure) {
    mine.difference = {changes: [], error: failure.message};
  }
  redraw();
}

function type() {
  const all = draft.plugins;
  if (!all) {
    return html`<p class="muted" aria-busy="true">Asking the worker what it can run …</p>`;
  }
  const card = (plugin, name, text) => html`
    <button type="button" class="type" aria-pressed=${draft.class === plugin.class} @click=${() => choose(plugin.class)}>
      <strong>${name}</strong><span class="muted">${text}</span><code>${plugin.class} ${plugin.version}</code></button>`;
  const own = all.find(each => each.class === SLUICE);
  const others = all.filter(each => each.class !== SLUICE);
  const convert = async () => {
    const mine = draft;
    const answer = await trying(() => ask(['migrate', mine.context], {json: mine.paste, anotherKafka: !!mine.anotherKafka}));
    if (answer && mine === draft) {
      draft.class = SLUICE;
      draft.defs = new Map();
      draft.config = answer.config;
      draft.name = answer.name.replace(/[^\w.-]+/g, '-') || draft.name;
      draft.notes = answer.notes;
      draft.shared = '';
      if (draft.brokers.length > 0) {
        share(draft.brokers[0].name);
      }
      draft.step = 1;
      changed(true);
      say(`Converted from ${answer.system}; please review it.`);
    }
  };
  return html`<div class="stack">
    <section class="card padded stack"><h2>What it is</h2>
      ${own ? html`<div class="types">${card(own, 'Kafka', 'Takes messages from MQTT devices and writes them to Kafka, losing none.')}</div>`
        : note('bad', 'This worker does not have Sluice; unpack its archive into a folder of the worker’s plugin.path, and restart it.')}
      ${others.length ? html`<details><summary>Other connectors of this worker (${others.length})</summary><div class="types padded">${others.map(each => card(each, short(each.class), each.type))}</div></details>` : nothing}
    </section>
    <section class="card padded stack"><h2>Or paste a configuration</h2>
      <div class="field"><label for="paste">Configuration of a TBMQ integration, or of a RobustMQ connector, as JSON</label>
        <textarea id="paste" rows="5" spellcheck="false" placeholder='{"name": "Kafka integration", "type": "KAFKA", "configuration": …}' .value=${draft.paste} @input=${event => {
          draft.paste = event.target.value;
          redraw();
        }}></textarea></div>
      <label class="check"><input type="checkbox" .checked=${!!draft.anotherKafka} @change=${event => {
        draft.anotherKafka = event.target.checked;
      }}> The Kafka that it names is another one than the worker’s</label>
      <div class="row"><button type="button" ?disabled=${!draft.paste.trim()} @click=${convert}>Convert</button></div>
    </section></div>`;
}

function filters() {
  const list = (draft.config['topic.filters'] ?? '#').split(',');
  const key = draft.keys.find(each => each.name === 'topic.filters');
  const put = next => set('topic.filters', next.join(','));
  return html`<div class="stack"><section class="card padded stack">
    ${draft.notes.length ? note('', html`<ul>${draft.notes.map(each => html`<li>${each}</li>`)}</ul>`) : nothing}
    <div class="field"><label for="name">Name</label>
      <input id="name" autocomplete="off" spellcheck="false" .value=${draft.name} aria-invalid=${draft.nameMissing && !draft.name.trim()}
        aria-describedby="name-about" @input=${event => {
          draft.name = event.target.value;
          redraw();
        }}>
      <span class=${draft.nameMissing && !draft.name.trim() ? 'error' : 'about-key'} id="name-about">The connector has this name in Kafka Connect; it cannot be changed here later.</span></div>
    ${draft.class === SLUICE ? html`
      ${draft.brokers.length ? html`<div class="field"><label for="broker-of">Broker</label>
        <select id="broker-of" @change=${event => {
          share(event.target.value);
          changed();
        }}>${draft.brokers.map(each => html`<option value=${each.name} ?selected=${draft.shared === each.name}>${each.listeners}, shared with ${each.name}</option>`)}
          <option value="" ?selected=${draft.shared === ''}>A separate broker</option></select>
        <span class="about-key">Integrations of one broker see the same devices, and share its buffer on disk.</span></div>` : nothing}
      <fieldset class="plain stack tight"><legend class="label">MQTT topic filters</legend>
        ${list.map((filter, i) => html`<div class="inline">
          <div class="field"><input id=${'filter-' + i} aria-label="Topic filter ${i + 1}" spellcheck="false" autocomplete="off" class="mono" .value=${filter} aria-invalid=${key?.errors?.length ? 'true' : 'false'}
            @input=${event => put(list.map((each, j) => j === i ? event.target.value.trim() : each))}></div>
          ${list.length > 1 ? html`<button type="button" class="tool" aria-label="Remove topic filter ${i + 1}" title="Remove" @click=${() => put(list.filter((_, j) => j !== i))}>${icon('close')}</button>` : nothing}</div>`)}
        <div class="row"><button type="button" class="small" @click=${() => put([...list, ''])}>${icon('plus')}Add filter</button></div>
        ${key?.errors?.length ? html`<span class="failure">${sentences(key.errors)}</span>` : html`<span class="muted">A message that several filters match is taken once. <code>+</code> stands for one level, <code>#</code> for all levels below.</span>`}
      </fieldset>` : nothing}
  </section></div>`;
}

function configuration() {
  return html`
    <div class="stack">
      <div class="field"><label for="find" class="hidden">Find a setting</label>
        <input id="find" type="search" placeholder="Find a setting by name or meaning" .value=${draft.filter} @input=${event => {
          draft.filter = event.target.value;
          redraw();
        }}></div>
      ${draft.keys.length === 0 && !draft.failure ? html`<p class="muted" aria-busy="true">Asking the worker for its settings …</p>` : nothing}
      ${fields(draft, set)}
      ${extra(draft, set)}
    </div>`;
}

/** As a shell takes it. */
const quoted = text => `'${text.replaceAll("'", "'\\''")}'`;

function commands() {
  const text = JSON.stringify(draft.config, null, 2);
  const worker = where?.worker ?? '';
  const masked = text.includes(MASK) ? ' Put the secrets in place of the stars.' : '';
  // sluice replaces %{NAME}, and leaves one percent sign of two.
  const written = (_, value) => typeof value === 'string' ? value.replace(/%\{[^{}]*}/g, '%$&') : value;
  const file = JSON.stringify({name: draft.name, config: draft.config}, written, 2);
  return html`<div class="row">
    <button type="button" class="small" @click=${() => copy(`curl -X PUT -H 'Content-Type: application/json' ${quoted(`${worker}/connectors/${encodeURIComponent(draft.name)}/config`)} --data ${quoted(text)}`, 'The curl command' + (masked && ' (secrets masked)'))}>${icon('copy')}curl</button>
    <button type="button" class="small" @click=${() => copy(`sluice connector apply --worker ${quoted(worker)} --wait -f - <<'EOF'\n${file}\nEOF`, 'The command')}>${icon('copy')}sluice connector apply</button>
    ${masked ? html`<span class="muted">${masked}</span>` : nothing}</div>`;
}

let where;

function review(app) {
  const wrong = mistakes();
  const check = async () => {
    draft.checking = true;
    draft.findings = undefined;
    redraw();
    const mine = draft;
    mine.findings = await trying(() => ask(['check', mine.context], {name: mine.name, config: mine.config, from: mine.from}));
    mine.checking = false;
    redraw();
  };
  return html`<div class="stack">
    ${wrong.length ? note('bad', html`<p>${wrong.length === 1 ? 'One setting is' : wrong.length + ' settings are'} not right yet:</p>
      <ul>${wrong.map(key => html`<li><button type="button" class="link" @click=${() => goTo(key)}>${key.name}</button>: ${sentences(key.errors)}</li>`)}</ul>`) : nothing}
    <section class="card padded stack"><div class="head"><h2>Connection</h2>
      <button type="button" class="small" ?disabled=${draft.checking} @click=${check}>${draft.checking ? 'Checking …' : 'Check connection'}</button></div>
      ${draft.findings ? html`<ul class="findings" aria-live="polite">${draft.findings.map(each => html`
        <li class=${!each.known ? '' : each.good ? 'good' : 'bad'}>${icon(each.known && each.good ? 'check' : 'warn')}<span><strong>${each.of}</strong> <span class="hidden">${!each.known ? 'is not known:' : each.good ? 'is good:' : 'is not good:'}</span> ${each.sentence}</span></li>`)}</ul>`
        : html`<p class="muted">Asks the worker and Kafka whether the integration could do its work: brokers, topics, rights. Changes nothing.</p>`}
    </section>
    <section class="card padded stack"><h2>${draft.difference?.runs ? 'What changes' : 'What is created'}</h2>
      ${draft.difference === undefined ? html`<p class="muted" aria-busy="true">Comparing …</p>`
        : draft.difference.error ? note('bad', draft.difference.error)
        : draft.difference.runs ? differences(draft.difference.changes)
        : html`<dl class="kv code">${Object.keys(draft.config).sort().map(key => html`<dt>${key}</dt><dd>${draft.config[key] || html`<span class="muted">(empty)</span>`}</dd>`)}</dl>`}
    </section>
    <section class="card padded stack tight"><h2>Do it elsewhere</h2>
      <p class="muted">The same as a command to copy.</p>${commands()}</section>
    ${app.readOnly ? note('', 'This console is read-only: copy the command to apply this.') : nothing}
  </div>`;
}

function goTo(key) {
  draft.step = key.name === 'topic.filters' && !draft.base ? 1 : 2;
  draft.filter = '';
  draft.opened.add(key.group);
  redraw();
  setTimeout(() => (document.getElementById('key-' + key.name) ?? document.getElementById('extra-' + key.name))?.focus(), 50);
}

async function apply(app) {
  const mine = draft;
  mine.applying = true;
  redraw();
  const done = await trying(() => order(['apply', mine.context], {name: mine.name, config: mine.config, from: mine.from, create: !mine.base}),
    mine.base ? `${mine.name} is changed.` : `${mine.name} is added.`);
  mine.applying = false;
  if (done && mine === draft) {
    close();
    location.hash = '#/integration/' + encodeURIComponent(done.name);
  }
  redraw();
}

function side() {
  const choices = [['json', 'JSON'], ...(draft.class === SLUICE ? [['preview', 'Preview']] : [])];
  return html`<aside class="card beside" aria-label="Beside the form">
    <div class="tabs" role="group" aria-label="Show">${choices.map(([name, text]) => html`
      <button type="button" aria-pressed=${draft.side === name} @click=${() => {
        draft.side = name;
        redraw();
      }}>${text}</button>`)}</div>
    <div class="padded stack">${draft.side === 'json' ? html`
      <label class="hidden" for="json">Configuration as JSON</label>
      <textarea id="json" rows="26" wrap="off" spellcheck="false" aria-invalid=${draft.jsonError ? 'true' : 'false'} aria-describedby="json-error" .value=${draft.json ?? ''} @input=${event => fromJson(event.target.value)}></textarea>
      <span id="json-error" class="failure" aria-live="polite">${draft.jsonError ?? ''}</span>`
      : preview.panel(() => ({context: draft.context, name: draft.name || 'unnamed', config: draft.config, from: draft.from}), true)}</div></aside>`;
}

export function view(app) {
  if (!draft) {
    return nothing;
  }
  where = app.place;
  const last = draft.step === 3;
  const first = draft.base ? 2 : 0;
  const wrong = mistakes().length;
  return html`
    <div><p class="crumb"><a href="#/integrations">Integrations</a>${draft.base ? html` / <a href=${'#/integration/' + encodeURIComponent(draft.base)}>${draft.base}</a>` : nothing}</p>
    <div class="head"><h1 tabindex="-1">${draft.base ? `Change ${draft.base}` : 'New integration'}</h1></div></div>
    ${steps()}
    ${draft.failure ? note('bad', draft.failure) : nothing}
    <div class=${draft.step === 0 ? '' : 'editor'}>
      <div>${[() => type(), filters, configuration, () => review(app)][draft.step]()}
        <div class="bar">
          ${wrong && draft.step > 1 ? html`<span class="failure">${wrong === 1 ? '1 setting is' : wrong + ' settings are'} not right</span>` : nothing}
          <a class="button" href=${draft.base ? '#/integration/' + encodeURIComponent(draft.base) : '#/integrations'} @click=${close}>Cancel</a>
          ${draft.step > first ? html`<button type="button" @click=${() => to(draft.step - 1)}>Back</button>` : nothing}
          ${last ? html`<button type="button" class="primary" ?disabled=${app.readOnly || draft.applying || wrong > 0} @click=${() => apply(app)}>${draft.base ? 'Apply' : 'Add'}</button>`
            : html`<button type="button" class="primary" ?disabled=${!draft.class} @click=${() => to(draft.step + 1)}>${draft.step === 2 ? 'Review' : 'Next'}</button>`}
        </div></div>
      ${draft.step === 0 ? nothing : side()}
    </div>`;
}

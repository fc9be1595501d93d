// The form of a configuration, from what the worker says of each key.
import {html, nothing, redraw, icon} from './parts.js';

const MASK = '********';

/** What most people set comes first; Connect's own settings, which all connectors have, last. */
const FIRST = ['Route', 'Broker', 'Buffer', 'Delivery', 'Errors', 'Capture', 'Broker TLS', 'Brokers elsewhere', 'Broker limits'];
const LAST = ['Common', 'Topic Creation', 'Error Handling', 'Exactly Once Support', 'Transforms', 'Predicates', 'offsets.topic'];
const TITLES = {Route: 'Routes', Common: 'Kafka Connect', 'offsets.topic': 'Offsets'};

/** Which the form does not ask: they are in the steps, or follow from others. */
const ELSEWHERE = new Set(['name', 'connector.class', 'connector.plugin.version']);

/** Documentation is Markdown of the simplest kind: code in backticks, links, tables. */
function inline(text) {
  return text.split(/(`[^`]+`|\[[^\]]+\]\([^)]+\))/).map(part => {
    if (part.startsWith('`')) {
      return html`<code>${part.slice(1, -1)}</code>`;
    }
    return part.startsWith('[') && part.includes('](') ? part.slice(1, part.indexOf(']')) : part;
  });
}

function block(text) {
  if (!text.startsWith('|')) {
    return html`<p>${inline(text)}</p>`;
  }
  const [head, , ...rows] = text.split('\n').map(line => line.replace(/^\||\|$/g, '').split('|').map(cell => cell.trim()));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table"><table><thead><tr>${head.map(cell => html`<th scope="col">${inline(cell)}</th>`)}</tr></thead>
    <tbody>${rows.map(row => html`<tr>${row.map(cell => html`<td>${inline(cell)}</td>`)}</tr>`)}</tbody></table></div>`;
}

function prose(text, id) {
  const [first, ...rest] = (text ?? '').split(/\n\n+/);
  const end = first.length > 260 ? first.indexOf('. ', 120) + 1 : 0;
  const lead = end > 0 ? first.slice(0, end) : first;
  const more = end > 0 ? [first.slice(end).trim(), ...rest] : rest;
  return html`<div class="about-key"><span id=${id}>${inline(lead)}</span>
    ${more.length ? html`<details><summary>More</summary>${more.map(block)}</details>` : nothing}</div>`;
}

const sentences = errors => errors?.map(error => error.replace(/^Invalid value [\s\S]*? for configuration [\w.-]+: /, '')).join(' ') ?? '';

const rank = group => {
  const first = FIRST.indexOf(group);
  const last = LAST.indexOf(group);
  return first >= 0 ? first : last >= 0 ? 1000 + last : 100;
};

function control(draft, key, set) {
  const id = 'key-' + key.name;
  const value = draft.config[key.name];
  const wrong = key.errors?.length ? 'true' : 'false';
  const byDefault = key.default_value ?? '';
  const described = `${id}-about ${id}-error`;
  const choices = key.type === 'BOOLEAN' ? ['true', 'false'] : key.type === 'STRING' && key.recommended ? key.recommended : undefined;
  if (choices) {
    const other = value !== undefined && !choices.includes(value);
    return html`<select id=${id} aria-invalid=${wrong} aria-describedby=${described} @change=${event => set(key.name, event.target.value === '' ? undefined : event.target.value)}>
      <option value="" ?selected=${value === undefined}>${byDefault === '' ? 'not set' : byDefault + ' (default)'}</option>
      ${choices.map(each => html`<option value=${each} ?selected=${value === each}>${each}</option>`)}
      ${other ? html`<option value=${value} selected>${value}</option>` : nothing}</select>`;
  }
  const secret = key.type === 'PASSWORD' && value !== undefined && value !== MASK && !value.startsWith('${');
  const input = event => set(key.name, event.target.value === '' && byDefault === '' ? undefined : event.target.value);
  return html`<input id=${id} type=${secret ? 'password' : 'text'} autocomplete="off" spellcheck="false" class="mono"
      inputmode=${/INT|LONG|SHORT/.test(key.type) ? 'numeric' : nothing} list=${key.recommended ? id + '-list' : nothing}
      placeholder=${byDefault === '' ? (key.required ? 'required' : '') : byDefault} aria-required=${key.required ? 'true' : nothing}
      aria-invalid=${wrong} aria-describedby=${described} .value=${value ?? ''} @input=${input}
      @focus=${event => value === MASK && event.target.select()}>
    ${key.recommended ? html`<datalist id=${id + '-list'}>${key.recommended.map(each => html`<option value=${each}></option>`)}</datalist>` : nothing}`;
}

function field(draft, key, set) {
  const id = 'key-' + key.name;
  const isSet = draft.config[key.name] !== undefined;
  return html`<div class="field">
    <div class="title"><label for=${id}>${key.display_name && key.display_name !== key.name ? key.display_name : key.name}</label>
      ${key.display_name && key.display_name !== key.name ? html`<code>${key.name}</code>` : nothing}
      ${isSet ? html`<button type="button" class="link small" aria-label="Reset ${key.name}" @click=${() => set(key.name, undefined)}>Reset</button>` : nothing}</div>
    ${control(draft, key, set)}
    <span class="error" id="${id}-error" aria-live="polite">${sentences(key.errors)}</span>
    ${prose(key.documentation, id + '-about')}</div>`;
}

export {sentences};

export function fields(draft, set) {
  const words = draft.filter.toLowerCase().trim();
  const matches = key => !words || (key.name + ' ' + (key.display_name ?? '') + ' ' + key.documentation).toLowerCase().includes(words);
  const groups = new Map();
  for (const key of draft.keys) {
    const isSet = draft.config[key.name] !== undefined;
    if (ELSEWHERE.has(key.name) || !key.type || (key.hidden && !isSet && !key.errors) || !matches(key)) {
      continue;
    }
    groups.set(key.group, [...(groups.get(key.group) ?? []), key]);
  }
  const sorted = [...groups].sort(([a], [b]) => rank(a) - rank(b));
  if (sorted.length === 0 && words) {
    return html`<p class="muted">No setting has these words in its name or description.</p>`;
  }
  return sorted.map(([group, keys]) => {
    const all = words || draft.opened.has('all ' + group);
    const shown = keys.filter(key => all || key.importance === 'HIGH' || draft.config[key.name] !== undefined || key.errors);
    const more = keys.length - shown.length;
    const wrong = keys.filter(key => key.errors).length;
    const open = words || wrong > 0 || draft.opened.has(group) || (rank(group) < 4 && !draft.opened.has('closed ' + group));
    return html`<details class="card group" ?open=${open} @toggle=${event => {
      if (!words) {
        draft.opened[event.target.open ? 'add' : 'delete'](group);
        draft.opened[event.target.open ? 'delete' : 'add']('closed ' + group);
      }
    }}>
      <summary>${icon('down')}${TITLES[group] ?? group ?? 'Others'} <span class="muted">${wrong ? html`<span class="failure">${wrong} not right</span>` : `${keys.filter(key => draft.config[key.name] !== undefined).length} of ${keys.length} set`}</span></summary>
      <div class="fields">${shown.map(key => field(draft, key, set))}
        ${more > 0 ? html`<div><button type="button" class="small" @click=${() => {
          draft.opened.add('all ' + group);
          redraw();
        }}>Show ${more} more</button></div>` : nothing}</div></details>`;
  });
}

/** Settings that no definition names, such as those of producers and of headers. */
export function extra(draft, set) {
  if (draft.filter || draft.keys.length === 0) {
    return nothing;
  }
  const defined = new Set(draft.keys.map(key => key.name));
  const own = Object.keys(draft.config).filter(key => !defined.has(key)).sort();
  const wrong = new Map((draft.others ?? []).map(key => [key.name, key.errors]));
  const add = () => {
    const key = draft.newKey?.trim();
    if (key) {
      draft.newKey = '';
      set(key, '');
      setTimeout(() => document.getElementById('extra-' + key)?.focus(), 50);
    }
  };
  return html`<details class="card group" open><summary>${icon('down')}Further settings <span class="muted">headers, metadata, producer, topic creation</span></summary>
    <div class="fields">
      ${own.map(key => html`<div class="inline"><div class="field"><label for=${'extra-' + key} class="mono">${key}</label>
        <input id=${'extra-' + key} class="mono" autocomplete="off" spellcheck="false" .value=${draft.config[key]} aria-invalid=${wrong.has(key) ? 'true' : 'false'} aria-describedby=${'extra-' + key + '-error'} @input=${event => set(key, event.target.value)}>
        <span class="error" id=${'extra-' + key + '-error'}>${sentences(wrong.get(key))}</span></div>
        <button type="button" class="tool" title="Remove ${key}" aria-label="Remove ${key}" @click=${() => set(key, undefined)}>${icon('close')}</button></div>`)}
      <form class="inline" @submit=${event => {
        event.preventDefault();
        add();
      }}><div class="field"><label for="new-key">Name of a setting</label>
        <input id="new-key" class="mono" autocomplete="off" spellcheck="false" list="new-keys" placeholder="kafka.header.site" .value=${draft.newKey ?? ''} @input=${event => {
          draft.newKey = event.target.value;
        }}><datalist id="new-keys">${['kafka.header.', 'metadata.', 'producer.override.compression.type', 'producer.override.linger.ms', 'producer.override.batch.size',
          'topic.creation.default.partitions', 'topic.creation.default.replication.factor'].map(each => html`<option value=${each}></option>`)}</datalist></div>
        <button>Add setting</button></form>
    </div></details>`;
}

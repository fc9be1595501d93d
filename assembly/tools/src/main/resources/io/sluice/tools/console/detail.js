// One integration.
import {html, nothing, redraw, state, note, tabs, tool, icon, differences, copy} from './parts.js';
import {see} from './http.js';
import {tools, remove, give, traces} from './list.js';
import * as preview from './preview.js';

let one;

const parts = {letters: () => import('./letters.js'), offsets: () => import('./offsets.js'), events: () => import('./events.js'), '': () => import('./charts.js')};

const TABS = [['Overview', ''], ['Events', 'events'], ['Dead letters', 'letters'], ['Offsets', 'offsets'], ['Preview', 'preview'], ['Configuration', 'configuration']];

export const title = ([, name]) => name;

export async function open(app, [, name, tab]) {
  if (one?.name !== name || one.context !== app.context) {
    close();
    one = {name, context: app.context};
  }
  one.tab = tab ?? '';
  const mine = one;
  await load(app);
  const part = await parts[mine.tab]?.();
  if (mine !== one) {
    return;
  }
  if (mine.part !== part) {
    mine.part?.close?.();
    mine.part = part;
  }
  await part?.open?.(app, mine);
}

async function load(app) {
  const mine = one;
  try {
    Object.assign(mine, await see('integration', app.context, mine.name), {failedToLoad: undefined});
  } catch (failure) {
    mine.failedToLoad = failure.message;
  }
  redraw();
}

export function close() {
  one?.part?.close?.();
  preview.close();
  one = undefined;
}

/** The live list has more of it than what was loaded, and is newer. */
export function live(app) {
  const row = app.connectors?.find(each => each.name === one?.name);
  if (row && one) {
    if (row.state !== one.state || row.tasks !== one.tasks || JSON.stringify(row.traces) !== JSON.stringify(one.traces)) {
      load(app);
    }
    one.live = row.live;
    one.part?.live?.(app, one);
  }
}

function overview(app) {
  return html`
    ${one.state === 'FAILED' ? html`<section class="card padded stack" aria-label="Why it failed">
      <div class="head"><h2>Why it failed</h2><div class="row">
        <button type="button" ?disabled=${app.readOnly} @click=${() => give(app, 'restart', one.name, `${one.name} is started again.`)}>${icon('restart')}Restart</button>
        <a class="button" href=${'#/change/' + encodeURIComponent(one.name)}>${icon('edit')}Change</a></div></div>
      <p class="failure">${one.failure}</p>
      <details ?open=${one.traceOpen}><summary>Stack trace</summary>${traces({...one, failure: ''})}</details></section>` : nothing}
    ${one.part?.view?.(app, one) ?? nothing}
    <div class="charts"><section class="card"><div class="scroll"><table>
      <thead><tr><th scope="col">Part</th><th scope="col">State</th><th scope="col">Worker</th></tr></thead>
      <tbody><tr><th scope="row">Connector</th><td>${state(one.connector?.state)}</td><td><code>${one.connector?.worker_id}</code></td></tr>
        ${one.taskList.map(task => html`<tr><th scope="row">Task ${task.id}</th><td>${state(task.state)}</td><td><code>${task.worker_id}</code></td></tr>`)}</tbody></table></div></section>
    <section class="card padded"><dl class="kv">
      <dt>MQTT topic filters</dt><dd><code>${one.filters || '–'}</code></dd>
      <dt>Kafka topic</dt><dd><code>${one.topic || '–'}</code></dd>
      <dt>Wrote to</dt><dd>${one.topics.length ? one.topics.map((topic, i) => html`${i ? ', ' : ''}<code>${topic}</code>`) : html`<span class="muted">no topic yet</span>`}</dd>
      <dt>Class</dt><dd><code>${one.type}</code></dd>
      <dt>Version</dt><dd>${one.connector?.version ?? '–'}</dd></dl></section></div>`;
}

function configuration() {
  const text = JSON.stringify({name: one.name, config: one.config}, null, 2);
  return html`
    <section class="card padded stack"><h2>Changed since the console started</h2>${differences(one.changes)}</section>
    <section class="card padded stack"><div class="head"><h2>Configuration</h2><div class="row">
      <button type="button" class="small" @click=${() => copy(text, 'The configuration')}>${icon('copy')}JSON</button>
      <a class="button small" href=${'#/change/' + encodeURIComponent(one.name)}>${icon('edit')}Change</a></div></div>
      <dl class="kv code">${Object.entries(one.config).map(([key, value]) => html`<dt>${key}</dt><dd>${value || html`<span class="muted">(empty)</span>`}</dd>`)}</dl></section>`;
}

function content(app) {
  switch (one.tab) {
    case 'preview':
      return html`<section class="card padded">${preview.panel(() => ({context: app.context, name: one.name, config: one.config, from: one.name}))}</section>`;
    case 'configuration':
      return configuration();
    case '':
      return overview(app);
    default:
      return one.part?.view(app, one) ?? nothing;
  }
}

export function view(app) {
  if (!one) {
    return nothing;
  }
  const base = '#/integration/' + encodeURIComponent(one.name);
  const gone = async () => {
    if (await remove(app, one.name)) {
      location.hash = '#/integrations';
    }
  };
  return html`
    <div><p class="crumb"><a href="#/integrations">Integrations</a></p>
    <div class="head"><h1 tabindex="-1">${one.name}</h1>${one.state ? state(one.state) : nothing}
      ${one.state ? html`<div>${tools(app, one)}
        <a class="tool" href=${'#/change/' + encodeURIComponent(one.name)} title="Change" aria-label="Change ${one.name}">${icon('edit')}</a>
        ${tool('trash', `Delete ${one.name}`, gone, app.readOnly)}</div>` : nothing}</div></div>
    ${one.failedToLoad ? note('bad', one.failedToLoad) : nothing}
    ${one.state ? html`${tabs('Parts of the integration', TABS.map(([name, path]) => [name, base + (path && '/' + path), path === 'letters' ? one.live?.dead : 0]), TABS.find(([, path]) => path === one.tab)?.[0])}
      <div class="stack">${content(app)}</div>` : one.failedToLoad ? nothing : html`<p class="muted" aria-busy="true">Asking the worker …</p>`}`;
}

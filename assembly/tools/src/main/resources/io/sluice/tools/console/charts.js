// What an integration does, as it does it.
import {html, nothing, redraw, number, duration, note} from './parts.js';
import {see} from './http.js';

const PLOTS = [
  ['flow', 'Messages per second', [['captured', 'Captured', '--accent'], ['delivered', 'Delivered', '--good']], value => number(value) + '/s'],
  ['lag', 'Waiting messages', [['lag', 'Lag', '--accent']], number],
  ['age', 'Oldest waiting message', [['age', 'Age', '--wait']], value => duration(value * 1000)],
  ['commit', 'Group commit on disk', [['commit', 'Average', '--accent']], value => number(value) + ' ms'],
];

let history;
let shownFor;
let plots = new Map();
let library;
let scheme;

function load() {
  library ??= new Promise((done, failed) => {
    const style = Object.assign(document.createElement('link'), {rel: 'stylesheet', href: '/lib/uplot.css'});
    const script = Object.assign(document.createElement('script'), {src: '/lib/uplot.js', onload: done, onerror: failed});
    document.head.append(style, script);
  });
  return library;
}

export async function open(app, one) {
  scheme ??= window.matchMedia('(prefers-color-scheme: dark)');
  scheme.onchange = () => {
    forget();
    draw();
  };
  window.addEventListener('resize', resize);
  shownFor = one;
  await refresh(app, one);
}

export function close() {
  forget();
  history = undefined;
  shownFor = undefined;
  window.removeEventListener('resize', resize);
}

function forget() {
  plots.forEach(plot => plot.destroy());
  plots = new Map();
}

function resize() {
  plots.forEach((plot, id) => {
    const place = document.getElementById('plot-' + id);
    if (place) {
      plot.setSize({width: place.clientWidth, height: 150});
    }
  });
}

async function refresh(app, one) {
  if (one.class !== 'MqttSourceConnector') {
    return;
  }
  let answer;
  try {
    answer = await see('history', app.context, one.name);
  } catch {
    return;
  }
  if (one !== shownFor) {
    return;
  }
  history = answer;
  if (history.at.length > 1) {
    await load();
  }
  redraw();
  setTimeout(draw, 0);
}

export function live(app, one) {
  if (one.tab === '') {
    refresh(app, one);
  }
}

function draw() {
  if (!history || history.at.length < 2 || typeof uPlot === 'undefined') {
    return;
  }
  const style = getComputedStyle(document.documentElement);
  const colour = name => style.getPropertyValue(name).trim();
  for (const [id, , series, shown] of PLOTS) {
    const place = document.getElementById('plot-' + id);
    if (!place) {
      plots.get(id)?.destroy();
      plots.delete(id);
      continue;
    }
    const data = [history.at, ...series.map(([key]) => history[key])];
    const known = plots.get(id);
    if (known && place.contains(known.root)) {
      known.setData(data);
      continue;
    }
    known?.destroy();
    const axis = {stroke: colour('--muted'), grid: {stroke: colour('--line'), width: 1}, ticks: {show: false}, font: '11px system-ui, sans-serif'};
    plots.set(id, new uPlot({
      width: place.clientWidth, height: 150, legend: {show: false}, cursor: {y: false, points: {size: 6}}, padding: [8, 4, 0, 0],
      scales: {y: {range: (_, least, most) => [0, Math.max(most * 1.15, 1)]}},
      axes: [{...axis, space: 90, size: 26, values: (_, all) => all.map(at => new Date(at * 1000).toTimeString().slice(0, 8))}, {...axis, size: 64, space: 36, values: (_, all) => all.map(shown)}],
      series: [{}, ...series.map(([, label, name]) => ({label, stroke: colour(name), width: 1.75, fill: name === '--good' ? undefined : colour(name) + '1c', points: {show: false}}))],
    }, data, place));
  }
}

const last = values => values?.[values.length - 1];

export function view(app, one) {
  if (one.class !== 'MqttSourceConnector') {
    return nothing;
  }
  const now = one.live;
  if (!now) {
    return history ? html`<div class="note quiet"><div>${history.failure
      ? html`Charts, lag and rates come from the status listener. ${history.failure}`
      : html`Charts, lag and rates come from the status listener, which knows nothing of ${one.name} yet.`}</div></div>` : nothing;
  }
  // Tiles and charts show one sample, however old the list is.
  const sampled = history?.at.length ? {...now, rate: last(history.delivered), lag: last(history.lag), age: last(history.age) * 1000} : now;
  return html`
    ${now.text ? note('bad', now.text) : nothing}
    <div class="tiles">
      ${[['Delivered', number(sampled.rate) + '/s'], ['Waiting', number(sampled.lag)], ['Oldest', duration(sampled.age)], ['Dead letters', number(now.dead)]].map(([name, value]) => html`
        <div class="card tile"><span>${name}</span><strong>${value}</strong></div>`)}</div>
    ${history?.at.length > 1 ? html`<div class="charts">${PLOTS.map(([id, title, series, shown]) => html`
      <figure class="card chart"><figcaption><h3>${title}</h3><span class="legend">${series.map(([key, label, name]) => html`
        <span class=${'key ' + name.slice(2)}>${series.length > 1 ? label + ' ' : ''}${shown(last(history[key]) ?? 0)}</span>`)}</span></figcaption>
        <div id=${'plot-' + id} aria-hidden="true"></div></figure>`)}</div>` : html`<p class="muted">The charts begin in a few seconds.</p>`}`;
}

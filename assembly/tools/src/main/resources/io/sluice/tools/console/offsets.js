// How far an integration is in its buffer, and its way back.
import {html, nothing, redraw, note, trying, confirmed, number, tool} from './parts.js';
import {see, order} from './http.js';

let shown;
let timer;
let again;

export async function open(app, one) {
  if (shown?.of !== one.name) {
    shown = {of: one.name, way: 'earliest', position: ''};
  }
  load(app, one);
  clearInterval(again);
  again = setInterval(() => one.tab === 'offsets' && load(app, one), 3000);
}

export function close() {
  clearTimeout(timer);
  clearInterval(again);
  shown = undefined;
}

async function load(app, one) {
  const mine = shown;
  try {
    mine.lanes = await see('offsets', app.context, one.name);
    mine.failure = undefined;
  } catch (failure) {
    mine.failure = failure.message;
  }
  redraw();
}

async function rewind(app, one) {
  const to = shown.way === 'earliest' ? 'earliest' : shown.position.trim();
  const from = to === 'earliest' ? 'everything that the buffer still has'
    : shown.way === 'time' ? `everything since ${to}` : `everything from position ${to} on`;
  if (!await confirmed(`Rewind ${one.name}?`, `It is stopped, set back, and delivers ${from} again. Those records come into Kafka twice.`, 'Rewind')) {
    return;
  }
  const mine = shown;
  const begun = await trying(() => order(['rewind', app.context, one.name], {to}));
  if (begun) {
    mine.job = {state: 'running', sentence: 'Beginning …'};
    follow(app, one, begun.job, mine);
  }
}

async function follow(app, one, job, mine) {
  try {
    mine.job = await see('job', job);
  } catch (failure) {
    mine.job = {...mine.job, sentence: failure.message};
  }
  if (mine === shown) {
    await load(app, one);
    if (mine.job.state === 'running') {
      timer = setTimeout(() => follow(app, one, job, mine), 700);
    }
  }
  redraw();
}

export function view(app, one) {
  if (!shown) {
    return nothing;
  }
  const job = shown.job;
  const buffers = new Set((shown.lanes ?? []).map(each => each.buffer));
  const running = job?.state === 'running';
  return html`
    <section class="card padded stack"><h2>Rewind</h2>
      <p class="muted">Delivers again the messages that the buffer has kept (<code>buffer.retention.ms</code>).</p>
      <form class="row" @submit=${event => {
        event.preventDefault();
        rewind(app, one);
      }}>
        <div class="field"><label for="way">To</label><select id="way" @change=${event => {
          shown.way = event.target.value;
          shown.position = '';
          redraw();
        }}><option value="earliest">the start of the buffer</option><option value="position">a position</option><option value="time">a time</option></select></div>
        ${shown.way === 'position' ? html`<div class="field"><label for="position">First position to deliver again</label>
          <input id="position" inputmode="numeric" pattern="[0-9]+" required class="mono" .value=${shown.position} @input=${event => {
            shown.position = event.target.value;
          }}></div>` : nothing}
        ${shown.way === 'time' ? html`<div class="field"><label for="time">Since, or how long ago; needs the buffer’s folder on this machine</label>
          <input id="time" placeholder="2026-03-04T05:06:07Z or 15m" required class="mono" @input=${event => {
            shown.position = event.target.value;
          }}></div>` : nothing}
        <div class="field"><span class="label" aria-hidden="true">&nbsp;</span><button ?disabled=${app.readOnly || running}>Rewind …</button></div></form>
      ${job ? html`<div class="stack tight" role="status">
        ${running ? html`<progress aria-label="Lanes that are where they were" max=${job.all || 1} value=${job.all ? job.done : nothing}></progress>` : nothing}
        ${running ? html`<p class="muted">${job.sentence}</p>` : note(job.state === 'done' ? 'good' : 'bad', job.sentence)}</div>` : nothing}
    </section>
    <section class="card"><div class="row padded"><h2>Offsets</h2>${tool('restart', 'Read again', () => load(app, one))}
      <p class="muted">The last delivered message of each lane, as Kafka Connect has stored it.</p></div>
      ${shown.failure ? note('bad', shown.failure) : shown.lanes === undefined ? html`<p class="muted padded" aria-busy="true">Asking the worker …</p>`
        : shown.lanes.length === 0 ? html`<p class="muted padded">Nothing is stored yet; Kafka Connect stores offsets once a minute.</p>` : html`
      <div class="lanes" tabindex="0" role="region" aria-label="Lanes"><table><thead><tr><th scope="col" class="num">Lane</th><th scope="col" class="num">Position</th>${buffers.size > 0 ? html`<th scope="col">Buffer</th>` : nothing}</tr></thead>
        <tbody>${shown.lanes.map(each => html`<tr><td class="num">${each.lane}</td><td class="num">${number(each.position)}</td><td><code class="muted">${each.buffer}</code></td></tr>`)}</tbody></table></div>`}</section>`;
}

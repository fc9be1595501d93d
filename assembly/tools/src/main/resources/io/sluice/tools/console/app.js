// The frame around all pages: where one is, which context is shown, and whether the worker answers.
import {html, nothing, render, drawWith, redraw, icon, sayings, note, say} from './parts.js';
import {see, follow, whenUnknown, loginPossible, login} from './http.js';
import * as list from './list.js';

const PAGES = {
  integrations: () => list,
  new: () => import('./edit.js'),
  change: () => import('./edit.js'),
  integration: () => import('./detail.js'),
  clients: () => import('./clients.js'),
  mqtt: () => import('./mqtt.js'),
};

/** What all pages know. */
export const app = {
  console: undefined,
  context: undefined,
  connectors: undefined,
  statusFailure: undefined,
  away: undefined,
  get readOnly() {
    return this.console?.readOnly;
  },
  get place() {
    return this.console?.contexts.find(each => each.name === this.context);
  },
};

let page = list;
let route = ['integrations'];
let stranger;
let endLive = () => {};

/** A browser opens six connections to a host, and each stream holds one: pages that nobody sees give theirs back. */
document.addEventListener('visibilitychange', () => {
  if (app.context && !stranger) {
    document.hidden ? endLive() : live();
  }
});

function watch() {
  app.connectors = undefined;
  live();
}

function live() {
  endLive();
  endLive = follow(['live', app.context], {
    list: answer => {
      app.away = undefined;
      app.connectors = answer.connectors;
      app.statusFailure = answer.statusFailure;
      page.live?.(app);
      redraw();
    },
    away: answer => {
      app.away = answer.error;
      redraw();
    },
    lost: () => {
      app.away = 'The console does not answer; it may have stopped.';
      redraw();
    },
  });
}

function choose(context) {
  app.context = context;
  try {
    localStorage.setItem('context', context);
  } catch {
    // It is only a convenience.
  }
  watch();
  go();
}

/** Who types an address types what a page would have encoded. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function go() {
  route = location.hash.replace(/^#\//, '').split('/').map(decoded);
  if (!Object.hasOwn(PAGES, route[0])) {
    route = ['integrations'];
  }
  const mine = route;
  const next = await PAGES[route[0]]();
  if (mine !== route) {
    return;
  }
  if (page !== next) {
    page.close?.();
  }
  page = next;
  await page.open?.(app, route);
  if (mine !== route) {
    return;
  }
  document.title = page.title(route) + ' · Sluice';
  redraw();
  queueMicrotask(() => {
    const heading = document.querySelector('main h1');
    if (heading && !heading.contains(document.activeElement) && moved) {
      heading.focus({preventScroll: true});
      window.scrollTo(0, 0);
    }
    moved = true;
  });
}

let moved = false;

const NAV = [['integrations', 'Integrations', 'flows'], ['clients', 'Clients', 'clients'], ['mqtt', 'MQTT client', 'mqtt']];
const PART_OF = {new: 'integrations', change: 'integrations', integration: 'integrations'};

function frame() {
  if (stranger) {
    return signIn();
  }
  if (!app.console) {
    return nothing;
  }
  const current = PART_OF[route[0]] ?? route[0];
  return html`
    <a class="skip" href="#main" @click=${event => {
      event.preventDefault();
      document.querySelector('main h1')?.focus();
    }}>Skip to the content</a>
    <header class="side">
      <a class="brand" href="#/integrations"><img src="/logo.svg" alt="" width="28" height="28">Sluice</a>
      ${app.console.contexts.length > 1 ? html`
        <label class="context"><span>Context</span>
          <select @change=${event => choose(event.target.value)}>${app.console.contexts.map(each => html`
            <option value=${each.name} ?selected=${each.name === app.context}>${each.name}</option>`)}</select></label>` : nothing}
      <nav aria-label="Pages">${NAV.map(([name, title, sign]) => html`
        <a href=${'#/' + name} aria-current=${name === current ? 'page' : nothing}>${icon(sign)}<span>${title}</span></a>`)}</nav>
      <div class="about">
        ${app.readOnly ? html`<span class="badge">Only looks</span>` : nothing}
        <span class="worker" title="The Connect worker">${app.place?.worker}</span>
        <span>${app.console.version.replace(/^sluice /, '').replace(/^\(.*/, '')}</span>
      </div>
    </header>
    <main id="main">
      ${app.away ? note('bad', html`${app.away} <span class="muted">Trying again.</span>`) : nothing}
      ${page.view(app, route)}
    </main>
    ${sayings()}`;
}

function signIn() {
  const submit = async event => {
    event.preventDefault();
    const form = new FormData(event.target);
    try {
      await login(form.get('user'), form.get('password'));
      location.reload();
    } catch (failure) {
      stranger = {...stranger, error: failure.message};
      redraw();
    }
  };
  return html`<main class="sign-in"><img src="/logo.svg" alt="" width="56" height="56"><h1 tabindex="-1">Sluice</h1>
    ${stranger.password ? html`
      <form @submit=${submit}>
        <label>User <input name="user" autocomplete="username" required></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
        ${stranger.error ? note('bad', stranger.error) : nothing}
        <button class="primary">Log in</button>
      </form>` : html`<p>${stranger.sentence}</p>`}</main>`;
}

async function start() {
  drawWith(() => render(frame(), document.getElementById('app')));
  whenUnknown(async sentence => {
    if (!stranger) {
      stranger = {sentence, password: await loginPossible().catch(() => false)};
      endLive();
      redraw();
    }
  });
  try {
    app.console = await see('console');
  } catch (failure) {
    if (failure.status !== 401) {
      say(failure.message, true);
    }
    return;
  }
  let known;
  try {
    known = localStorage.getItem('context');
  } catch {
    known = undefined;
  }
  app.context = (app.console.contexts.find(each => each.name === known) ?? app.console.contexts[0]).name;
  watch();
  window.addEventListener('hashchange', go);
  go();
}

start();

// What the page asks of the console's server; the class Api lists it.

export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

let unknown = () => {};

/** Calls back when the session is over. */
export function whenUnknown(callback) {
  unknown = callback;
}

async function call(path, options) {
  let response;
  try {
    response = await fetch('/api/' + path, {cache: 'no-store', credentials: 'same-origin', ...options});
  } catch {
    throw new Refused(0, 'The console does not answer; it may have stopped.');
  }
  const answer = await response.json().catch(() => ({error: `The console answers with HTTP ${response.status}.`}));
  if (!response.ok) {
    if (response.status === 401) {
      unknown(answer.error);
    }
    throw new Refused(response.status, answer.error);
  }
  return answer;
}

const segments = parts => parts.map(encodeURIComponent).join('/');

export const see = (...parts) => call('see/' + segments(parts));

function post(kind, what, body) {
  return call(kind + '/' + what, {
    method: 'POST',
    headers: {'Content-Type': 'application/json', 'Sluice-Console': '1'},
    body: JSON.stringify(body ?? {}),
  });
}

/** Asks what changes nothing. */
export const ask = (parts, body) => post('ask', segments(parts), body);

/** Gives an order. */
export const order = (parts, body) => post('do', segments(parts), body);

export const loginPossible = () => call('login').then(answer => answer.password);

export const login = (user, password) => call('login', {
  method: 'POST',
  headers: {'Content-Type': 'application/json', 'Sluice-Console': '1'},
  body: JSON.stringify({user, password}),
});

/**
 * Follows a stream of events; returns what ends it. It comes back by itself when it is lost, unless it is to be followed
 * once: then `gone` hears that it does not.
 */
export function follow(parts, handlers, query = '') {
  let source;
  let timer;
  let ended = false;
  const open = () => {
    source = new EventSource('/api/see/' + segments(parts) + query);
    for (const [name, handle] of Object.entries(handlers)) {
      if (name !== 'lost' && name !== 'gone') {
        source.addEventListener(name, event => handle(JSON.parse(event.data)));
      }
    }
    source.onerror = async () => {
      const refused = source.readyState === EventSource.CLOSED;
      handlers.lost?.();
      if (!refused) {
        return;
      }
      // An event source does not say why it was refused; if the session is over, this answer does.
      const stranger = await see('console').then(() => false, failure => failure.status === 401);
      if (ended || stranger) {
        return;
      }
      if (handlers.once) {
        handlers.gone?.();
      } else {
        timer = setTimeout(open, 3000);
      }
    };
  };
  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    source.close();
  };
}

/** The judge's endpoint against a real server: replies, refusals, retries, hangs, huge bodies, and the key that no error may hold. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { completionText } from '../../../../src/data/prompt.js';
import type { ScoringItem } from '../../../../src/protocol/index.js';
import { createChat, isUsableKey } from '../../../../src/rewards/judge/endpoint.js';
import { createJudge } from '../../../../src/rewards/judge/judge.js';
import { rubricOf } from '../../../../src/rewards/judge/rubric.js';

const KEY = 'sk-very-secret-0123456789';
const never = new AbortController().signal;

async function serve(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text) as Record<string, unknown>;
}

const reply = (response: ServerResponse, content: unknown): void => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }));
};
const chatOf = (url: string, key: string | null = KEY) => createChat({ url, model: 'judge-1', key }, 1);

/** The message of a rejection, which must not hold the key. */
async function refusal(t: Test, work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error('it was accepted'),
    (reason: Error) => reason,
  );
  t.notMatch(`${error.message}\n${error.stack}\n${JSON.stringify(error)}\n${String(error.cause)}`, KEY);
  return error.message;
}

t.test('a prompt goes out as one user message with the key, and the reply comes back', async (t) => {
  const seen: unknown[] = [];
  const url = await serve(t, async (request, response) => {
    seen.push([request.method, request.url, request.headers.authorization, await bodyOf(request)]);
    reply(response, 'hello');
  });
  t.equal(await chatOf(`${url}/`)('Judge "this".', never), 'hello');
  t.equal(await chatOf(url, null)('x', never), 'hello');
  const body = (content: string) => ({
    model: 'judge-1',
    messages: [{ role: 'user', content }],
    temperature: 0,
  });
  t.same(seen, [
    ['POST', '/v1/chat/completions', `Bearer ${KEY}`, body('Judge "this".')],
    ['POST', '/v1/chat/completions', undefined, body('x')],
  ]);
});

t.test('what may pass is tried again, at most three times; what will not is not', async (t) => {
  let statuses: number[] = [];
  let requests = 0;
  const url = await serve(t, (_, response) => {
    requests++;
    response.statusCode = statuses.shift() ?? 200;
    if (response.statusCode === 200) reply(response, 'at last');
    else response.end(`no entry for ${KEY}`);
  });
  for (const [given, tries, says] of [
    [[500, 429], 3, null],
    [[500, 502, 503], 3, /gave no reply in 3 tries: status 503$/],
    [[401], 1, /in 1 tries: status 401$/],
    [[400], 1, /status 400$/],
  ] as const) {
    statuses = [...given];
    requests = 0;
    if (says === null) t.equal(await chatOf(url)('x', never), 'at last');
    else t.match(await refusal(t, chatOf(url)('x', never)), says);
    t.equal(requests, tries, given.join());
  }
});

t.test('a redirect is not followed, so that the key stays where it belongs', async (t) => {
  let reached = 0;
  const other = await serve(t, (_, response) => {
    reached++;
    reply(response, 'stolen');
  });
  const url = await serve(t, (_, response) => {
    response.writeHead(307, { location: `${other}/chat/completions` }).end();
  });
  t.match(await refusal(t, chatOf(url)('x', never)), /no connection/);
  t.equal(reached, 0);
});

t.test('garbage, a huge body and a broken connection are failures', async (t) => {
  const bodies: Record<string, (response: ServerResponse) => void> = {
    'not JSON': (response) => response.end('<html>'),
    'no choices': (response) => response.end('{"choices":[]}'),
    null: (response) => response.end('null'),
    'content that is no text': (response) => reply(response, { text: 'x' }),
    huge: (response) => reply(response, 'x'.repeat(400_000)),
    endless: (response) => {
      response.on('drain', () => response.write('x'.repeat(60_000)));
      for (let i = 0; i < 20; i++) response.write('x'.repeat(60_000));
    },
    broken: (response) => {
      response.write('{"choices":');
      setTimeout(() => response.destroy(), 5);
    },
  };
  let answer = bodies.null!;
  const url = await serve(t, (_, response) => answer(response));
  for (const [name, body] of Object.entries(bodies)) {
    answer = body;
    const says = await refusal(t, chatOf(url)('x', never));
    t.match(says, /no chat completion|more than 262144 bytes|connection/, `${name}: ${says}`);
  }
  t.match(await refusal(t, chatOf('http://127.0.0.1:1/v1')('x', never)), /3 tries: there is no connection/);
});

t.test('a server that hangs ends with the signal, before or between headers and body', async (t) => {
  for (const starts of [false, true]) {
    const url = await serve(t, (_, response) => {
      if (starts) response.write('{');
    });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    await t.rejects(chatOf(url)('x', controller.signal), { name: 'AbortError' });
  }
});

t.test('a key that no header can hold is refused without being shown', async (t) => {
  for (const bad of ['a b', `${KEY}\n`, 'é', '', 'x'.repeat(5000)]) {
    t.notOk(isUsableKey(bad));
    t.throws(() => chatOf('http://127.0.0.1:1', bad), {
      code: 'CONFIG',
      message: /^(?!.*secret).*characters/,
    });
  }
});

t.test('the judge scores what the endpoint says and nothing where it fails', async (t) => {
  const item: ScoringItem = {
    completion: completionText('A plan.', 'Once the sea was silver.'),
    answer: 'The sea was made of silver.',
    question: 'Write about the sea.',
    type: 'creative',
  };
  const says = { scores: rubricOf(item).map(() => 1) };
  let count = 0;
  const url = await serve(t, (_, response) => {
    count++;
    if (count % 4 === 0) response.writeHead(403).end();
    else if (count % 4 === 1)
      return; // hangs
    else reply(response, count % 4 === 2 ? JSON.stringify(says) : 'Very good!');
  });
  const judge = createJudge({ complete: chatOf(url), deadlineMs: 2000, maxConcurrent: 1 });
  const scores = await judge.score([item, item, item, item]);
  t.same(scores, [Number.NaN, 1, Number.NaN, Number.NaN]);
  t.same(judge.counts(), { scored: 1, late: 1, failed: 1, unreadable: 1 });
});

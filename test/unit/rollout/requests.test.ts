/** Requests in flight on a clock that moves when told to: each of their endings, once. */
import t from 'tap';
import { ManualClock } from '../../../src/clock.js';
import type { CompletionsFailed, Message } from '../../../src/protocol/index.js';
import { MAX_ATTEMPTS, Requests } from '../../../src/rollout/requests.js';

const OWNER = {};

interface Sent {
  readonly to: string;
  readonly requestId: string;
}

/** Requests to targets that keep what they are sent; `refusing` targets take nothing. */
function make(targets: readonly string[], refusing: readonly string[] = [], deadlineMs: number | null = 100) {
  const clock = new ManualClock();
  const sent: Sent[] = [];
  const closed: string[] = [];
  const late: string[] = [];
  const endings: string[] = [];
  const failures: string[] = [];
  const requests = new Requests<string>({
    path: 'main/asker',
    epoch: 3,
    kind: 'sampler',
    targets,
    open: (to) => ({
      send: (message: Message) => {
        sent.push({ to, requestId: (message as CompletionsFailed).requestId });
        return !refusing.includes(to);
      },
      close: () => void closed.push(to),
    }),
    clock,
    deadlineMs,
    blame: 'sampler_error',
    onLate: (requestId) => void late.push(requestId),
  });
  const ask = (name: string, place = 0, owner: object = OWNER, among?: readonly string[]) =>
    requests.ask({
      owner,
      name,
      place,
      ...(among ? { among: { kind: 'skeptic', targets: among } } : {}),
      message: (requestId) => ({ kind: 'completions.failed', requestId, detail: name }),
      onReply: (reply) => void endings.push(`${name}: ${reply}`),
      onFailure: (reason, detail) => void endings.push(`${reason}: ${detail}`),
      onAttemptFailed: () => void failures.push(name),
    });
  return { clock, requests, ask, sent, closed, late, endings, failures };
}

t.test('a reply ends the request, and its deadline with it', async (t) => {
  const { clock, requests, ask, sent, endings, failures } = make(['a', 'b']);
  ask('r', 1);
  t.same(sent, [{ to: 'b', requestId: 'r/3.1' }], 'its place says who is asked');
  requests.reply('r/3.1', 'done');
  t.same(endings, ['r: done']);
  t.same([requests.inFlight, clock.timerCount, failures.length], [0, 0, 0]);
});

t.test('a failed attempt is made once more, of another target, under another id', async (t) => {
  const { requests, ask, sent, endings, failures } = make(['a', 'b']);
  ask('r');
  requests.fail('r/3.1', 'sampler_error', 'no memory');
  t.same(sent.slice(1), [{ to: 'b', requestId: 'r/3.2' }]);
  t.same(endings, []);
  requests.fail('r/3.2', 'scorer_error', 'no disk');
  t.same(endings, ['scorer_error: r failed twice: no disk'], 'the last failure says why');
  t.same(failures, ['r', 'r']);
  t.equal(sent.length, MAX_ATTEMPTS);
});

t.test('the only target is asked again', async (t) => {
  const { requests, ask, sent } = make(['a']);
  ask('r', 5);
  requests.fail('r/3.1', 'sampler_error', 'busy');
  t.same(
    sent.map(({ to }) => to),
    ['a', 'a'],
  );
});

t.test('silence until the deadline costs an attempt, and the second one the request', async (t) => {
  const { clock, ask, sent, endings } = make(['a', 'b']);
  ask('r');
  clock.advance(99);
  t.equal(sent.length, 1);
  clock.advance(1);
  t.equal(sent.length, 2);
  clock.advance(100);
  t.same(endings, ['sampler_error: r failed twice: b did not answer within 100 ms']);
  t.equal(clock.timerCount, 0);
});

t.test('without a deadline a request waits for ever', async (t) => {
  const { clock, ask, endings } = make(['a'], [], null);
  ask('r');
  clock.advance(1e9);
  t.same(endings, []);
  t.equal(clock.timerCount, 0);
});

t.test(
  'what a target was asked when it ended goes to another one, and nothing is sent to it any more',
  async (t) => {
    const { requests, ask, sent, closed, endings } = make(['a', 'b']);
    ask('r', 0);
    ask('s', 1);
    requests.targetEnded('a', 'killed');
    t.same(closed, ['a']);
    t.same(sent.slice(2), [{ to: 'b', requestId: 'r/3.2' }], 'what another target has is left alone');
    ask('u', 0);
    t.equal(sent.at(-1)!.to, 'b');
    t.same(requests.targets, ['b']);
    requests.targetEnded('b', 'oom');
    t.same(endings, [
      'sampler_error: no sampler is left for s: b ended: oom',
      'sampler_error: r failed twice: b ended: oom',
      'sampler_error: no sampler is left for u: b ended: oom',
    ]);
    ask('v');
    t.equal(endings.at(-1), 'sampler_error: no sampler is left for v');
    t.equal(requests.inFlight, 0);
  },
);

t.test('a target that refuses counts as failed', async (t) => {
  const { ask, endings, sent } = make(['a', 'b'], ['a']);
  ask('r');
  t.same(
    sent.map(({ to }) => to),
    ['a', 'b'],
  );
  t.same(endings, []);
  const both = make(['a', 'b'], ['a', 'b']);
  both.ask('r');
  t.same(both.endings, ['sampler_error: r failed twice: the edge from main/asker to b refused it']);
});

t.test('a request may name the targets that can serve it', async (t) => {
  const { ask, sent, endings } = make(['a', 'b', 'c']);
  ask('r', 4, OWNER, ['b', 'c']);
  t.equal(sent[0]!.to, 'b', 'number 4 of two');
  ask('s', 0, OWNER, ['x']);
  t.same(endings, ['sampler_error: no skeptic is left for s']);
});

t.test('an answer that nobody waits for is counted and told of, and changes nothing', async (t) => {
  const { clock, requests, ask, late, endings } = make(['a', 'b']);
  ask('r');
  clock.advance(100);
  requests.reply('r/3.1', 'too late');
  requests.fail('r/3.1', 'sampler_error', 'too late');
  t.same(late, ['r/3.1', 'r/3.1']);
  t.equal(requests.lateReplies, 2);
  t.same(endings, []);
  requests.reply('r/3.2', 'in time');
  requests.reply('r/3.2', 'again');
  t.same(endings, ['r: in time']);
  t.equal(requests.lateReplies, 3);
});

t.test('what its owner withdraws ends in silence', async (t) => {
  const { clock, requests, ask, endings, late } = make(['a', 'b']);
  const other = {};
  ask('r');
  ask('s', 0, other);
  requests.withdraw(OWNER);
  t.equal(requests.inFlight, 1);
  requests.reply('r/3.1', 'done');
  requests.targetEnded('a', 'killed');
  requests.reply('s/3.2', 'done');
  t.same([endings, late], [['s: done'], ['r/3.1']]);
  t.equal(clock.timerCount, 0);
});

t.test('a target gives back what it has, and only that', async (t) => {
  const { requests, ask, sent, endings, late } = make(['a', 'b'], [], null);
  ask('r');
  requests.gaveBack('r', 'b', 'not mine');
  requests.gaveBack('other', 'a', 'unknown');
  t.equal(sent.length, 1);
  requests.gaveBack('r', 'a', 'ending');
  t.equal(sent[1]!.to, 'b');
  requests.gaveBack('r', 'a', 'ending');
  t.same([endings, late], [[], []], 'somebody else has it by now');
  requests.gaveBack('r', 'b', 'ending');
  t.same(endings, ['sampler_error: r failed twice: ending']);
});

t.test('the only target may give back a request and is asked for it once more', async (t) => {
  const { requests, ask, sent, endings, failures } = make(['a'], [], null);
  ask('r');
  requests.gaveBack('r', 'a', 'restarting');
  t.same(
    sent.map(({ requestId }) => requestId),
    ['r/3.1', 'r/3.2'],
  );
  t.same([endings, failures, requests.inFlight], [[], ['r'], 1], 'the second attempt is out');
  requests.reply('r/3.2', 'done');
  t.same(endings, ['r: done']);
});

t.test('an owner may withdraw, or ask, while it hears of a failure', async (t) => {
  const { requests, ask, endings } = make(['a']);
  const again = {};
  requests.ask({
    owner: again,
    name: 'first',
    place: 0,
    message: (requestId) => ({ kind: 'completions.failed', requestId, detail: '' }),
    onReply: () => {},
    onFailure: () => {
      requests.withdraw(OWNER);
      endings.push('first failed');
    },
  });
  ask('second');
  requests.targetEnded('a', 'killed');
  t.same(endings, ['first failed'], 'the second was withdrawn before it failed');
});

t.test('closing forgets everything and closes every way', async (t) => {
  const { clock, requests, ask, closed, endings } = make(['a', 'b']);
  ask('r');
  requests.close();
  t.same([closed, endings, requests.inFlight, clock.timerCount], [['a', 'b'], [], 0, 0]);
});

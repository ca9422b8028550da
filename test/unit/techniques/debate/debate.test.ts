/** The state machine of a debate with scripted debaters: every way to end, what is asked, and what it depends on. */

import t from 'tap';
import { role } from '../../../../src/protocol/fields.js';
import type { Role } from '../../../../src/protocol/index.js';
import { Random } from '../../../../src/random.js';
import type { DebateOptions } from '../../../../src/techniques/debate/debate.js';
import { makeDebate, play, type Script, samplesOf, scripted } from '../../../kit/debates.js';

const idsOf = (turns: readonly { id: string }[]) => turns.map(({ id }) => id);

t.test('forward and backward that agree end a debate in one round, without a skeptic', async (t) => {
  for (const withCredit of [false, true]) {
    const script = scripted({ forward: ['7'], backward: [' 7 '] });
    const { result } = play(makeDebate({ withCredit }), script);
    t.match(result, { stop: 'consensus', rounds: 1, final: { turnId: 'forward-0', answer: '7' } });
    t.same(idsOf(result.turns), ['forward-0', 'backward-0']);
    t.equal(result.tokenCount, 4);
  }
});

t.test('agreement in a later round ends the debate there', async (t) => {
  const script = scripted({ forward: ['7', '8'], backward: ['8'], skeptic: ['backward'] });
  const { result } = play(makeDebate(), script);
  t.match(result, { stop: 'consensus', rounds: 2, final: { turnId: 'forward-1', answer: '8' } });
  t.same(idsOf(result.turns), ['forward-0', 'backward-0', 'skeptic-0', 'forward-1', 'backward-1']);
});

t.test('debaters that change nothing end the debate; the synthesizer judges what was said', async (t) => {
  const script = scripted({ forward: ['7'], backward: ['8'], skeptic: ['neither'], synthesizer: ['9'] });
  const { result, asked } = play(makeDebate({ maxRounds: 5 }), script);
  t.match(result, { stop: 'unchanged', rounds: 2, final: { turnId: 'synthesizer-1-neither', answer: '9' } });
  t.same(asked.at(-1)?.turns, [
    { role: 'forward', text: '7' },
    { role: 'backward', text: '8' },
    { role: 'skeptic', text: 'neither' },
  ]);
  const again = play(makeDebate({ maxRounds: 5, withCredit: true }), script).result;
  t.match(again, { stop: 'unchanged', rounds: 2, final: { turnId: 'synthesizer-0-neither', answer: '9' } });
  t.equal(idsOf(again.turns).at(-1), 'backward-1', 'with credit the synthesizer has judged already');
});

t.test('an answer that stays unreadable is not changed; one that becomes readable is', async (t) => {
  const stuck = scripted({ forward: [null], backward: ['8'], skeptic: ['neither'], synthesizer: ['9'] });
  t.match(play(makeDebate({ maxRounds: 5 }), stuck).result, { stop: 'unchanged', rounds: 2 });
  const late = scripted({ forward: [null, '7'], backward: ['8'], skeptic: ['neither'], synthesizer: ['9'] });
  t.match(play(makeDebate({ maxRounds: 5 }), late).result, { stop: 'unchanged', rounds: 3 });
});

t.test('debaters that never agree are stopped by the limit of rounds', async (t) => {
  for (const maxRounds of [1, 2, 3]) {
    const script: Script = ({ role, round }) => (role === 'skeptic' ? 'forward' : `${role} ${round}`);
    const { result } = play(makeDebate({ maxRounds }), script);
    const last = maxRounds - 1;
    t.match(result, { stop: 'rounds', rounds: maxRounds, final: { answer: `synthesizer ${last}` } });
    t.equal(result.turns.filter(({ role }) => role === 'synthesizer').length, 1);
  }
});

t.test('before the least number of rounds neither agreement nor standstill ends a debate', async (t) => {
  const agreeing = scripted({ forward: ['7'], backward: ['7'], skeptic: ['both'], synthesizer: ['8'] });
  const late = play(makeDebate({ minRounds: 3, maxRounds: 3 }), agreeing).result;
  t.match(late, { stop: 'consensus', rounds: 3, final: { turnId: 'forward-2', answer: '7' } });
  t.equal(late.turns.length, 3 + 3 + 2, 'the last round may end by agreement');
  const differing = scripted({ forward: ['7'], backward: ['9'], skeptic: ['neither'], synthesizer: ['8'] });
  for (const script of [agreeing, differing]) {
    const { result } = play(makeDebate({ minRounds: 4, maxRounds: 3 }), script);
    t.match(result, { stop: 'rounds', rounds: 3, final: { answer: '8' } });
    t.equal(result.turns.length, 3 * 3 + 1, 'every turn is taken');
  }
});

t.test('unreadable answers never make a consensus, and are quoted as no answer', async (t) => {
  for (const [forward, backward] of [
    [null, null],
    ['', '  '],
    ['7', null],
  ] as const) {
    const script = scripted({
      forward: [forward],
      backward: [backward],
      skeptic: ['x'],
      synthesizer: [null],
    });
    const { result, asked } = play(makeDebate({ maxRounds: 1 }), script);
    t.match(result, { stop: 'rounds', final: { turnId: 'synthesizer-0', answer: null } });
    t.match(asked[2]?.turns, [{ text: forward || 'no answer' }, { text: 'no answer' }]);
    t.equal(asked[3]?.turns.length, 2, 'a critique that is no verdict is not passed on');
  }
});

t.test('the next round shows both answers and the verdict; answers only', async (t) => {
  const script = scripted({ forward: ['7', '6'], backward: ['8', '9'], skeptic: ['Forward'] });
  const { asked } = play(makeDebate({ maxRounds: 2 }), script);
  const turns = asked.filter(
    ({ round, role }) => round === 1 && role !== 'synthesizer' && role !== 'skeptic',
  );
  for (const turn of turns)
    t.same(turn.turns, [
      { role: 'forward', text: '7' },
      { role: 'backward', text: '8' },
      { role: 'skeptic', text: 'forward' },
    ]);
  t.equal(turns.length, 2);
});

t.test('with G samples the first pair that differs is quoted, and each verdict is judged', async (t) => {
  const answers: Partial<Record<Role, readonly string[]>> = {
    forward: ['7', '7', '5', '7'],
    backward: ['7', '8', '6', '7'],
    skeptic: ['hm', 'neither', 'forward', 'neither'],
    synthesizer: ['1', '2', '3', '2'],
  };
  const script: Script = ({ role }, sample) => answers[role]![sample]!;
  const options = { samplesPerTurn: samplesOf(4), maxRounds: 1, withCredit: true };
  const { result, asked } = play(makeDebate(options), script);
  t.match(asked[2]?.turns, [{ text: '7' }, { text: '8' }]);
  const judged = asked.filter(({ role }) => role === 'synthesizer');
  t.same(idsOf(judged), ['synthesizer-0', 'synthesizer-0-neither', 'synthesizer-0-forward']);
  t.same(judged[0]?.turns, judged[1]?.turns.slice(0, 2), 'without the critique the prompt is a prefix');
  t.match(result.final, { turnId: 'synthesizer-0-neither', sample: 1, answer: '2' });
});

t.test('a pair that agrees is quoted where all pairs do, but not all samples', async (t) => {
  const script: Script = ({ role }, sample) => (role === 'skeptic' ? 'both' : String(sample));
  const { result, asked } = play(makeDebate({ samplesPerTurn: samplesOf(2), maxRounds: 1 }), script);
  t.match(asked[2]?.turns, [{ text: '0' }, { text: '0' }]);
  t.equal(result.stop, 'rounds');
});

t.test('roles can be left out, and the debate still comes to what those who are there say', async (t) => {
  const script = scripted({ forward: ['f'], backward: ['b'], skeptic: ['backward'], synthesizer: ['s'] });
  const finals: Record<string, string | null> = {};
  for (let set = 0; set < 16; set++) {
    const present = role.options.filter((_, i) => set & (1 << i));
    const samples = Object.fromEntries(role.options.map((each) => [each, Number(present.includes(each))]));
    const samplesPerTurn = samples as DebateOptions['samplesPerTurn'];
    for (const withCredit of [false, true]) {
      const { result, asked } = play(makeDebate({ samplesPerTurn, withCredit, maxRounds: 3 }), script);
      t.ok(asked.every((turn) => present.includes(turn.role)));
      t.ok(asked.every(({ turns }) => turns.every((turn) => present.includes(turn.role))));
      finals[present.join('+')] = result.final?.answer ?? null;
    }
  }
  t.match(finals, {
    '': null,
    forward: 'f',
    backward: 'b',
    skeptic: null,
    'forward+backward': 'f',
    'forward+backward+skeptic': 'b',
    'forward+synthesizer': 's',
    synthesizer: 's',
  });
});

/** Answers drawn from a key of turn and sample, so that nothing depends on when they are asked for. */
function drawn(seed: number): Script {
  return ({ id, role }, sample) => {
    const random = new Random(seed, id, sample);
    if (random.uniform() < 0.1) return null;
    return role === 'skeptic'
      ? random.pick(['both', 'forward', 'backward', 'neither', 'what?'])
      : random.pick(['1', '2']);
  };
}

t.test('the same answers give the same bytes, in whatever order they come', async (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const options = { samplesPerTurn: samplesOf(1 + (seed % 4)), maxRounds: 3, withCredit: seed % 2 === 0 };
    const random = new Random(seed, 'order');
    const first = JSON.stringify(play(makeDebate(options), drawn(seed)).result);
    const second = JSON.stringify(play(makeDebate(options), drawn(seed), (open) => random.pick(open)).result);
    if (first !== second) t.fail(`seed ${seed}`);
  }
  t.notSame(play(makeDebate(), drawn(1)).result, play(makeDebate(), drawn(2)).result);
});

t.test('turns and random-number streams of a debate are unique', async (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const options = { samplesPerTurn: samplesOf(4), maxRounds: 4, withCredit: true };
    const { asked } = play(makeDebate(options), drawn(seed));
    if (new Set(idsOf(asked)).size !== asked.length) t.fail(`turns, seed ${seed}`);
    if (new Set(asked.map(({ stream }) => stream)).size !== asked.length) t.fail(`streams, seed ${seed}`);
  }
  t.equal(makeDebate().requests()[0]?.stream, 0, 'forward alone and forward in a debate draw the same');
});

t.test('a turn that was not asked for, or with too few answers, is refused', async (t) => {
  const debate = makeDebate();
  t.throws(() => debate.accept('skeptic-0', { answers: ['both'], tokenCount: 1 }), { code: 'INTERNAL' });
  t.throws(() => debate.accept('forward-0', { answers: [], tokenCount: 1 }), { code: 'INTERNAL' });
  debate.accept('forward-0', { answers: ['1'], tokenCount: 1 });
  t.throws(() => debate.accept('forward-0', { answers: ['1'], tokenCount: 1 }), { code: 'INTERNAL' });
  t.same(idsOf(debate.requests()), ['backward-0']);
  t.equal(debate.end(), null);
});

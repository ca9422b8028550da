/**
 * A debate as a state machine: which turns come next, and how it ends. It knows neither actors nor rewards.
 *
 *   round:  forward, backward ──differ──▶ skeptic ──▶ synthesizer ──▶ next round
 *                 └──all agree: consensus
 *
 * Invariants:
 * - what is asked and how it ends is a function of the options and the answers, whatever the order they come in;
 * - the reference answer and the rewards never come here, so that nothing of them can reach a prompt;
 * - an unreadable answer never counts toward consensus.
 */
import { type Turn, VERDICTS, type Verdict } from '../../data/prompt.js';
import { DialecticError } from '../../errors.js';
import type { Role } from '../../protocol/index.js';
import { type Answer, type Equivalence, isSame, plurality } from '../../rollout/answers.js';
import { firstDisagreement, isUnanimous, quoted, verdictOf } from './answers.js';

export interface DebateOptions {
  /** Completions of a turn, by role; 0 leaves the role out. */
  readonly samplesPerTurn: Readonly<Record<Role, number>>;
  /** At least 1. */
  readonly maxRounds: number;
  /** No rule but the limit stops a debate before this round, so that what stopping saves can be measured; 1 without it. */
  readonly minRounds?: number;
  readonly equivalent: Equivalence;
  /**
   * For training: the synthesizer is asked in every round, once for each distinct verdict of the skeptic and once without any, so that
   * the worth of each verdict can be told. Otherwise it is asked once, at the end.
   */
  readonly withCredit: boolean;
}

/** A turn to ask for. */
export interface DebateTurn<R extends Role = Role> {
  /** Unique in its debate: `forward-0`, `synthesizer-1-neither`. */
  readonly id: string;
  readonly role: R;
  /** From 0. */
  readonly round: number;
  /** Random-number stream, unique in its debate. */
  readonly stream: number;
  /** What stands in the prompt after the question. */
  readonly turns: readonly Turn[];
  readonly sampleCount: number;
  /** Of a synthesizer: the verdict that its prompt ends with; null without one. */
  readonly verdict: Verdict | null;
}

/** What came of a turn. */
interface TurnAnswers {
  readonly answers: readonly Answer[]; // [G]
  /** Sampled tokens, ΣT. */
  readonly tokenCount: number;
}

type AnsweredTurn = DebateTurn & TurnAnswers;

/**
 * - consensus: forward and backward gave one answer;
 * - unchanged: neither changed the answer that was quoted in the round before;
 * - rounds: the limit was reached.
 */
export type StopRule = 'consensus' | 'unchanged' | 'rounds';

export interface DebateResult {
  readonly stop: StopRule;
  readonly rounds: number;
  /** Whose answer the debate came to; null when no one was there to give one. */
  readonly final: { readonly turnId: string; readonly sample: number; readonly answer: Answer } | null;
  /** In the order in which they were asked. */
  readonly turns: readonly AnsweredTurn[];
  readonly tokenCount: number;
}

type Debater = 'forward' | 'backward';
/** The sample of each debater that the others get to read. */
type Pair = Readonly<Partial<Record<Debater, { readonly sample: number; readonly answer: Answer }>>>;
type Stage = 'debaters' | 'skeptic' | 'synthesizer';

const DEBATERS: readonly Debater[] = ['forward', 'backward'];
const STREAMS_PER_ROUND = 8;

/** Stream of a turn; that of forward in round 0 is 0, as for a problem that is answered by forward alone. */
export function streamOf(role: Role, round: number, verdict: Verdict | null = null): number {
  const place = {
    forward: 0,
    backward: 1,
    skeptic: 2,
    synthesizer: verdict ? 4 + VERDICTS.indexOf(verdict) : 3,
  };
  return round * STREAMS_PER_ROUND + place[role];
}

export class Debate {
  readonly #answersByTurn = new Map<string, TurnAnswers>();
  readonly #answered: AnsweredTurn[] = [];
  #open: readonly DebateTurn[] = [];
  #stage: Stage = 'debaters';
  #round = 0;
  #pair: Pair = {};
  #verdict: Verdict | null = null;
  /** The synthesizer's turn on the verdict that goes on. */
  #judgement: string | null = null;
  #stop: StopRule | null = null;
  #result: DebateResult | null = null;

  constructor(private readonly options: DebateOptions) {
    this.#ask('debaters', this.#debaterTurns());
  }

  /** Turns that are asked for and not answered yet. */
  requests(): readonly DebateTurn[] {
    return this.#open.filter(({ id }) => !this.#answersByTurn.has(id));
  }

  /** Takes what came of a turn. Errors: INTERNAL for a turn that is not asked for, or the wrong number of answers. */
  accept(turnId: string, { answers, tokenCount }: TurnAnswers): void {
    const turn = this.requests().find(({ id }) => id === turnId);
    if (turn?.sampleCount !== answers.length) {
      const expected = turn ? `${turn.sampleCount} answers` : `one of ${this.requests().map(({ id }) => id)}`;
      const detail = `turn ${turnId} with ${answers.length} answers is not asked for; expected ${expected}`;
      throw new DialecticError('INTERNAL', detail);
    }
    this.#answersByTurn.set(turnId, { answers: answers.map((answer) => answer?.trim() || null), tokenCount });
    if (this.requests().length > 0) return;
    this.#answered.push(...this.#open.map((each) => ({ ...each, ...this.#answersByTurn.get(each.id)! })));
    this.#advance();
  }

  /** How the debate ended; null while it goes on. */
  end(): DebateResult | null {
    return this.#result;
  }

  #ask(stage: Stage, turns: readonly DebateTurn[]): void {
    this.#stage = stage;
    this.#open = turns;
    if (turns.length === 0) this.#advance();
  }

  #advance(): void {
    const isLast = this.#round + 1 >= this.options.maxRounds;
    switch (this.#stage) {
      case 'debaters':
        this.#heardDebaters();
        return;
      case 'skeptic':
        this.#verdict =
          this.#answersOf('skeptic')
            .map(verdictOf)
            .find((verdict) => verdict !== null) ?? null;
        if (isLast || this.options.withCredit) this.#ask('synthesizer', this.#synthesizerTurns());
        else this.#nextRound();
        return;
      case 'synthesizer':
        if (this.#stop || isLast) this.#finish(this.#stop ?? 'rounds');
        else this.#nextRound();
    }
  }

  #heardDebaters(): void {
    const { equivalent, withCredit, minRounds = 1 } = this.options;
    const mayStop = this.#round + 1 >= minRounds;
    const [forward, backward] = [this.#answersOf('forward'), this.#answersOf('backward')];
    const before = this.#pair;
    const sample = firstDisagreement(forward, backward, equivalent);
    const isConsensus =
      forward.length > 0 && backward.length > 0 && isUnanimous([...forward, ...backward], equivalent);
    this.#pair = {
      ...(forward.length > 0 ? { forward: { sample, answer: forward[sample]! } } : {}),
      ...(backward.length > 0 ? { backward: { sample, answer: backward[sample]! } } : {}),
    };
    const isKept = (role: Debater): boolean => {
      const [old, now] = [before[role]?.answer ?? null, this.#pair[role]?.answer ?? null];
      return (old === null && now === null) || isSame(old, now, equivalent);
    };
    if (mayStop && isConsensus) this.#finish('consensus');
    else if (!mayStop || this.#round === 0 || !DEBATERS.every(isKept))
      this.#ask('skeptic', this.#skepticTurns());
    else if (withCredit) this.#finish('unchanged');
    else {
      this.#stop = 'unchanged';
      this.#ask('synthesizer', this.#synthesizerTurns());
    }
  }

  #nextRound(): void {
    this.#round++;
    this.#ask('debaters', this.#debaterTurns());
  }

  #finish(stop: StopRule): void {
    const turns = this.#answered;
    const tokenCount = turns.reduce((sum, turn) => sum + turn.tokenCount, 0);
    this.#open = [];
    this.#result = { stop, rounds: this.#round + 1, final: this.#final(stop), turns, tokenCount };
  }

  /** The common answer, else the judge's most frequent one, else that of the debater whom the skeptic holds with. */
  #final(stop: StopRule): DebateResult['final'] {
    const judged = stop === 'consensus' ? null : this.#judgement;
    if (judged !== null) {
      const { answers } = this.#answersByTurn.get(judged)!;
      const sample = Math.max(0, plurality(answers, this.options.equivalent));
      return { turnId: judged, sample, answer: answers[sample]! };
    }
    const preferred: Debater = this.#verdict === 'backward' && stop !== 'consensus' ? 'backward' : 'forward';
    const role = this.#pair[preferred] ? preferred : DEBATERS.find((each) => this.#pair[each]);
    return role ? { turnId: `${role}-${this.#round}`, ...this.#pair[role]! } : null;
  }

  // ---- turns -------------------------------------------------------------------------------------------------------

  #turn<R extends Role>(role: R, turns: readonly Turn[], verdict: Verdict | null = null): DebateTurn<R>[] {
    const sampleCount = this.options.samplesPerTurn[role];
    const id = `${role}-${this.#round}${verdict ? `-${verdict}` : ''}`;
    const stream = streamOf(role, this.#round, verdict);
    return sampleCount > 0 ? [{ id, role, round: this.#round, stream, turns, sampleCount, verdict }] : [];
  }

  #debaterTurns(): DebateTurn[] {
    const heard = this.#round === 0 ? [] : [...this.#quotedPair(), ...quotedVerdict(this.#verdict)];
    return DEBATERS.flatMap((role) => this.#turn(role, heard));
  }

  #skepticTurns(): DebateTurn[] {
    return this.#turn('skeptic', this.#quotedPair());
  }

  #synthesizerTurns(): DebateTurn[] {
    const verdicts = this.#answersOf('skeptic').map(verdictOf);
    const others = VERDICTS.filter((verdict) => verdict !== this.#verdict && verdicts.includes(verdict));
    const wanted = this.options.withCredit ? new Set([null, this.#verdict, ...others]) : [this.#verdict];
    const pair = this.#quotedPair();
    const turns = [...wanted].flatMap((verdict) =>
      this.#turn('synthesizer', [...pair, ...quotedVerdict(verdict)], verdict),
    );
    this.#judgement = turns.find(({ verdict }) => verdict === this.#verdict)?.id ?? null;
    return turns;
  }

  #quotedPair(): Turn[] {
    return DEBATERS.flatMap((role) => {
      const said = this.#pair[role];
      return said ? [{ role, text: quoted(said.answer) }] : [];
    });
  }

  /** Answers of this round's turn of a debater or the skeptic. */
  #answersOf(role: Debater | 'skeptic'): readonly Answer[] {
    return this.#answersByTurn.get(`${role}-${this.#round}`)?.answers ?? [];
  }
}

function quotedVerdict(verdict: Verdict | null): Turn[] {
  return verdict ? [{ role: 'skeptic', text: verdict }] : [];
}

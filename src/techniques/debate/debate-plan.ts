/**
 * A debate about one problem as a plan, within a budget of tokens.
 *
 * Invariants: turns of one stage share what is left of the budget evenly, and a stage that has too little ends the debate with the most
 * frequent answer given so far; events come in the order of the turns.
 */
import { DialecticError } from '../../errors.js';
import { type Answer, type Equivalence, plurality, sameAnswer, votesOf } from '../../rollout/answers.js';
import { completionsOf } from '../../rollout/completions.js';
import type {
  EncodePrompt,
  Plan,
  PlannedGroup,
  PlanRequest,
  PlanResult,
  ScoredCompletions,
  WholeCompletion,
} from '../../rollout/plan.js';
import type { AnsweredCompletion, Completion, PlanStop, TurnEvent } from '../../rollout/plan-events.js';
import { MIN_COMPLETION_TOKENS } from '../../rollout/samples-plan.js';
import { verdictOf } from './answers.js';
import { Debate, type DebateOptions, type DebateResult, type DebateTurn } from './debate.js';
import { debateGroups, type OutcomeWeights, type ScoredTurn } from './groups.js';

export interface DebatePlanOptions
  extends Pick<DebateOptions, 'samplesPerTurn' | 'maxRounds' | 'withCredit'> {
  readonly encodePrompt: EncodePrompt;
  readonly readAnswer: (completion: string) => Answer;
  /** Whether two answers to the problem are the same. */
  readonly equivalent: Equivalence;
  /** Tokens of all turns together. */
  readonly budget: number;
  /** Of one completion. */
  readonly maxTokens: number;
  /** Positions of the policy that a prompt and a completion may fill. */
  readonly capacity: number;
  /** How the rewards of groups are told apart; nothing where nobody scores. */
  readonly outcomeWeights: OutcomeWeights;
}

interface Open {
  readonly turn: DebateTurn;
  readonly promptTokens: Int32Array; // [P]
}

export class DebatePlan implements Plan {
  /** Turns that were scored, by id. */
  readonly scoredTurns = new Map<string, ScoredTurn>();
  readonly #debate: Debate;
  readonly #out = new Map<number, Open>();
  readonly #said = new Map<string, readonly Completion[]>();
  readonly #events: TurnEvent[] = [];
  /** Turns of the stage under way, and what came of them. */
  #stage: readonly DebateTurn[] = [];
  readonly #stageEvents = new Map<string, TurnEvent>();
  #shown = 0;
  #spent = 0;
  #isShort = false;
  #isInterrupted = false;

  constructor(private readonly options: DebatePlanOptions) {
    const { samplesPerTurn, maxRounds, equivalent, withCredit } = options;
    this.#debate = new Debate({ samplesPerTurn, maxRounds, equivalent, withCredit });
  }

  /** How the debate ended by its own rules; null while it goes on, and where it was cut short. */
  get debateResult(): DebateResult | null {
    return this.#debate.end();
  }

  takeRequests(): readonly PlanRequest[] {
    while (this.#out.size === 0 && this.stop === null) {
      const requests = this.#beginStage();
      if (requests.length > 0) return requests;
    }
    return [];
  }

  accept(stream: number, completions: ScoredCompletions): void {
    const open = this.#out.get(stream);
    const count = completions.texts.length;
    if (open?.turn.sampleCount !== count) {
      const expected = open ? `${open.turn.sampleCount} of ${open.turn.id}` : 'none';
      throw new DialecticError('INTERNAL', `stream ${stream} got ${count} completions; expected ${expected}`);
    }
    this.#out.delete(stream);
    const answers = this.#settle(open.turn, completionsOf(completions), false);
    const { rewards } = completions;
    if (rewards)
      this.scoredTurns.set(open.turn.id, { ...open, completions: { ...completions, rewards }, answers });
  }

  interrupt(whole: readonly WholeCompletion[]): void {
    if (this.stop !== null) return;
    this.#isInterrupted = true;
    for (const [stream, { turn }] of this.#out) {
      const given = whole
        .filter((each) => each.stream === stream)
        .map(({ text, tokens, stopped }) => ({ text, tokens, stopped }));
      if (given.length > 0) this.#record(turn, given, false);
    }
    this.#out.clear();
    this.#events.push(...this.#stage.flatMap(({ id }) => this.#stageEvents.get(id) ?? []));
  }

  takeEvents(): readonly TurnEvent[] {
    const events = this.#events.slice(this.#shown);
    this.#shown = this.#events.length;
    return events;
  }

  get stop(): PlanStop | null {
    if (this.debateResult) return this.debateResult.stop;
    if (this.#isInterrupted) return 'interrupted';
    if (!this.#isShort) return null;
    return this.#spent === 0 ? 'budget_too_small' : 'budget';
  }

  result(): PlanResult {
    const stop = this.#ended();
    const final = this.debateResult?.final;
    const given = this.#answersGiven();
    const answers = given.map(({ answer }) => answer);
    const chosen = final ? undefined : given[plurality(answers, sameAnswer)];
    return {
      answer: final ? final.answer : (chosen?.answer ?? null),
      completion: final
        ? (this.#said.get(final.turnId)?.[final.sample]?.text ?? null)
        : ((chosen ?? given[0])?.text ?? null),
      stop,
      tokens: this.#spent,
      votes: votesOf(answers),
      details: { rounds: this.rounds },
    };
  }

  groups(): readonly PlannedGroup[] {
    this.#ended();
    const turns = this.debateResult?.turns ?? [];
    const scored = turns.flatMap(({ id }) => this.scoredTurns.get(id) ?? []);
    return debateGroups(scored, this.options.outcomeWeights);
  }

  artifact(): { name: string; content: object } {
    return { name: 'debate.json', content: { maxRounds: this.options.maxRounds, turns: this.#events } };
  }

  /** Begun so far. */
  get rounds(): number {
    return this.debateResult?.rounds ?? Math.max(0, ...this.#events.map(({ round }) => round + 1));
  }

  /** Tokens sampled so far. */
  get tokenCount(): number {
    return this.#spent;
  }

  #ended(): PlanStop {
    const { stop } = this;
    if (stop === null) throw new DialecticError('INTERNAL', 'a debate was asked for its result too early');
    return stop;
  }

  /** What everybody but the skeptic answered. */
  #answersGiven(): AnsweredCompletion[] {
    return this.#events.filter(({ role }) => role !== 'skeptic').flatMap(({ completions }) => completions);
  }

  /** Requests of the turns that are open now; those whose prompt leaves no room are answered at once, without an answer. */
  #beginStage(): PlanRequest[] {
    const { encodePrompt, capacity, budget } = this.options;
    this.#stage = this.#debate.requests();
    const prompts = this.#stage.map((turn) => ({ turn, promptTokens: encodePrompt(turn.role, turn.turns) }));
    const fits = prompts.filter(({ promptTokens }) => capacity - promptTokens.length >= this.#leastTokens);
    const completions = fits.reduce((sum, { turn }) => sum + turn.sampleCount, 0);
    const share = Math.floor((budget - this.#spent) / Math.max(1, completions));
    if (fits.length > 0 && share < this.#leastTokens) {
      this.#isShort = true;
      return [];
    }
    for (const each of prompts) if (!fits.includes(each)) this.#settle(each.turn, [], true);
    return fits.map(({ turn, promptTokens }) => {
      const { stream, role, sampleCount } = turn;
      this.#out.set(stream, { turn, promptTokens });
      const maxTokens = Math.min(this.options.maxTokens, share, capacity - promptTokens.length);
      return { stream, role, promptTokens, sampleCount, maxTokens };
    });
  }

  get #leastTokens(): number {
    return Math.min(MIN_COMPLETION_TOKENS, this.options.maxTokens);
  }

  /** Hands a turn to the debate; returns its answers. */
  #settle(turn: DebateTurn, given: readonly Completion[], promptTooLong: boolean): readonly Answer[] {
    const completions = this.#record(turn, given, promptTooLong);
    if (this.#stageEvents.size === this.#stage.length) {
      this.#events.push(...this.#stage.map((each) => this.#stageEvents.get(each.id)!));
      this.#stageEvents.clear();
    }
    const answers = Array.from({ length: turn.sampleCount }, (_, i) => completions[i]?.answer ?? null);
    const tokenCount = given.reduce((sum, { tokens }) => sum + tokens, 0);
    this.#debate.accept(turn.id, { answers, tokenCount });
    return answers;
  }

  /** Records the completions of a turn, with their answers. */
  #record(turn: DebateTurn, given: readonly Completion[], promptTooLong: boolean): AnsweredCompletion[] {
    const { id, role, round, turns: heard } = turn;
    const completions = given.map((completion) => {
      const answer = this.options.readAnswer(completion.text);
      return { ...completion, answer: role === 'skeptic' ? verdictOf(answer) : answer };
    });
    this.#spent += given.reduce((sum, { tokens }) => sum + tokens, 0);
    this.#said.set(id, given);
    this.#stageEvents.set(id, { type: 'turn', id, role, round, heard, completions, promptTooLong });
    return completions;
  }
}

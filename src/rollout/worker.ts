/**
 * A rollout worker: what the forward, backward, skeptic, synthesizer, moderator and searcher actors do with their messages.
 *
 * It runs the plans of tasks, takes turns for others, or both; who completes a plan's requests is its completer.
 *
 * Invariants: every turn ends in one `turn.completed` or `turn.failed`; what is under way when the worker ends is given back.
 */
import { DialecticError } from '../errors.js';
import type { Message, Role, TaskAssign, TurnRequest, UntimedEvent } from '../protocol/index.js';
import type { Carrier, Completer } from './completer.js';
import type { OpenEdge } from './requests.js';
import { type InHand, type TaskPlan, TaskRunner } from './task-runner.js';

/** Tasks of a worker: where their groups go. */
export interface TaskOptions {
  readonly learner: string;
  readonly planOf: (task: TaskAssign) => TaskPlan;
  readonly openEdge: OpenEdge;
  readonly emit: (event: UntimedEvent) => void;
  /** Whether the texts of this update's groups go to a sample file. */
  readonly keepTexts: (update: number) => boolean;
}

interface WorkerOptions {
  readonly completer: (carrier: Carrier) => Completer;
  /** Null for a worker that takes turns only. */
  readonly tasks: TaskOptions | null;
  /** The role whose turns it takes; null for none. */
  readonly turnsOf: Role | null;
}

/** What a worker needs of the actor that carries it. */
interface WorkerCarrier extends Carrier {
  tell(to: string, message: Message): boolean;
  onEnd(release: (reason: string) => void): void;
}

/** A refused group would leave its debate in pieces. */
const MAX_QUEUED_GROUPS = 1_000_000;

/** The behaviour of one incarnation. */
export function rolloutWorker(
  carrier: WorkerCarrier,
  { completer: makeCompleter, tasks, turnsOf }: WorkerOptions,
): (message: Message, inHand: InHand) => void {
  const { path } = carrier;
  const completer = makeCompleter(carrier);
  const turns = new Map<TurnRequest, { readonly asker: string; readonly returnCredit: () => void }>();
  const runner =
    tasks &&
    new TaskRunner({
      ...tasks,
      completer,
      toLearner: tasks.openEdge({ from: path, to: tasks.learner, maxQueued: MAX_QUEUED_GROUPS }),
      tell: (to, message) => void carrier.tell(to, message),
    });

  const answer = (turn: TurnRequest, message: Message): void => {
    const taken = turns.get(turn);
    if (!taken) return;
    turns.delete(turn);
    taken.returnCredit();
    carrier.tell(taken.asker, message);
  };

  const takeTurn = (turn: TurnRequest, { sender, keepCredit }: InHand): void => {
    const { turnId, role } = turn;
    turns.set(turn, { asker: sender, returnCredit: keepCredit() });
    if (role !== turnsOf) {
      const detail = `${path} ${turnsOf ? `is a ${turnsOf} and` : ''} cannot take a turn of ${role}`;
      answer(turn, { kind: 'turn.failed', turnId, reason: 'sampler_error', detail });
      return;
    }
    completer.complete({
      owner: turn,
      name: turnId,
      place: turn,
      request: requestOf(turn),
      onCompleted: ({ texts, rewards, ...completions }) => {
        const { names, values, scored } = rewards ?? NO_REWARDS;
        const scores = { rewardNames: [...names], rewards: values, scored };
        answer(turn, { kind: 'turn.completed', turnId, ...completions, texts: [...texts], ...scores });
      },
      onFailed: (reason, detail) => answer(turn, { kind: 'turn.failed', turnId, reason, detail }),
      onAttemptFailed: () => {},
    });
  };

  carrier.onEnd((reason) => {
    const detail = `${path} ended: ${reason}`;
    runner?.giveBack(detail);
    for (const turn of [...turns.keys()])
      answer(turn, { kind: 'turn.failed', turnId: turn.turnId, reason: 'actor_terminated', detail });
    completer.close();
  });

  return (message, inHand) => {
    if (message.kind === 'turn.request') takeTurn(message, inHand);
    else if (message.kind === 'task.assign') {
      if (!runner)
        throw new DialecticError('INTERNAL', `${path} takes turns of debates only, not ${message.taskId}`);
      runner.begin(message, inHand);
    } else completer.take(message);
  };
}

const NO_REWARDS = { names: [], values: new Float32Array(0), scored: new Uint8Array(0) };

function requestOf({
  stream,
  role,
  promptTokens,
  prefixTokens,
  keepsCaches,
  sampleCount,
  maxTokens,
}: TurnRequest) {
  return {
    stream,
    role,
    promptTokens,
    sampleCount,
    maxTokens,
    ...(prefixTokens ? { prefixTokens } : {}),
    ...(keepsCaches ? { keepsCaches } : {}),
  };
}

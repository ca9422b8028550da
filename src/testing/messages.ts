/** Small valid messages for tests, each field replaceable. */
import type { CompletionsSampled, GroupCompleted, TaskAssign, TurnCompleted } from '../protocol/index.js';

/** A task of the forward strategy with two completions. */
export function taskAssign(change: Partial<TaskAssign> = {}): TaskAssign {
  return {
    kind: 'task.assign',
    taskId: 'task-1',
    update: 0,
    promptIndex: 0,
    strategy: 'forward',
    problem: {
      id: 'p1',
      question: '1 + 1?',
      answer: '2',
      type: 'math',
      difficulty: 'easy',
      domain: 'arithmetic',
      family: 'addition',
    },
    groupSize: 2,
    ...change,
  };
}

/** Two completions of 3 and 2 tokens. */
export function completionsSampled(change: Partial<CompletionsSampled> = {}): CompletionsSampled {
  return {
    kind: 'completions.sampled',
    requestId: 'r1',
    policyVersion: 4,
    tokens: Int32Array.of(5, 6, 7, 8, 9),
    lengths: Int32Array.of(3, 2),
    logProbs: Float32Array.of(-1, -2, -3, -4, -5),
    supportLogMass: new Float32Array(5),
    stopped: Uint8Array.of(1, 0),
    ...change,
  };
}

/** Two completions of 3 and 2 tokens with two rewards each. */
export function groupCompleted(change: Partial<GroupCompleted> = {}): GroupCompleted {
  const { kind: _kind, requestId: _requestId, ...arrays } = completionsSampled();
  return {
    kind: 'group.completed',
    groupId: 'g1',
    taskId: 'task-1',
    update: 0,
    promptIndex: 0,
    endsTask: true,
    role: 'forward',
    problemId: 'p1',
    domain: 'arithmetic',
    promptTokens: Int32Array.of(1, 2),
    ...arrays,
    rewardNames: ['format', 'answer'],
    rewards: Float32Array.of(1, 0, 3, 0.5),
    scored: Uint8Array.of(1, 1),
    ...change,
  };
}

/** A tree of two segments of 3 and 2 tokens: the second follows the first. */
export function treeCompleted(change: Partial<GroupCompleted> = {}): GroupCompleted {
  return groupCompleted({
    parents: Int32Array.of(-1, 0),
    advantages: Float32Array.of(0.5, -0.5),
    pathWeights: Float32Array.of(1, 1),
    ...change,
  });
}

/** A turn of two completions with two rewards each. */
export function turnCompleted(change: Partial<TurnCompleted> = {}): TurnCompleted {
  const { kind: _kind, requestId: _requestId, ...arrays } = completionsSampled();
  return {
    kind: 'turn.completed',
    turnId: 't1/0/1.1',
    ...arrays,
    texts: ['one', 'two'],
    rewardNames: ['format', 'answer'],
    rewards: Float32Array.of(1, 0, 3, 0.5),
    scored: Uint8Array.of(1, 1),
    ...change,
  };
}

/** Tasks that differ in their place only, to see what order messages come in. */
import type { Message } from '../../src/protocol/index.js';
import { taskAssign } from '../../src/testing/messages.js';

export function task(n: number): Message {
  return taskAssign({ promptIndex: n });
}

export function promptIndices(messages: Message[]): number[] {
  return messages.map((message) => (message.kind === 'task.assign' ? message.promptIndex : -1));
}

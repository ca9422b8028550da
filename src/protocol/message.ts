/**
 * Every message that may cross a thread or a wire, as one union: the catalogue is docs/protocol.md.
 */
import { z } from 'zod';
import { DialecticError } from '../errors.js';
import { completionsFailed, completionsRequest, completionsSampled } from './completions.js';
import { actorStop, actorTerminated, actorWatch, creditGrant, creditRequest } from './control.js';
import { eventObserved } from './events.js';
import { groupCancelled, groupCompleted } from './group.js';
import { policyLoaded, policyPublished } from './policy.js';
import { scoresCompleted, scoresFailed, scoresRequest } from './scores.js';
import { taskAssign, taskReturned } from './task.js';
import { turnCompleted, turnFailed, turnRequest } from './turn.js';
import { updateBegin, updateCompleted } from './update.js';

export const message = z.discriminatedUnion('kind', [
  taskAssign,
  taskReturned,
  completionsRequest,
  completionsSampled,
  completionsFailed,
  scoresRequest,
  scoresCompleted,
  scoresFailed,
  turnRequest,
  turnCompleted,
  turnFailed,
  groupCompleted,
  groupCancelled,
  policyPublished,
  policyLoaded,
  updateBegin,
  updateCompleted,
  eventObserved,
  creditGrant,
  creditRequest,
  actorWatch,
  actorStop,
  actorTerminated,
]);

/** Any message. Telling one gives its typed arrays away: the sender must not touch them afterwards. */
export type Message = z.infer<typeof message>;
/** The message as it is. Errors: PROTOCOL where its receiver could not read it, and would have to drop it. */
export function checked<M extends Message>(given: M): M {
  const issue = message.safeParse(given).error?.issues[0];
  if (issue === undefined) return given;
  const place = issue.path.join('.') || 'the top level';
  throw new DialecticError(
    'PROTOCOL',
    `a "${given.kind}" message is malformed at ${place}: ${issue.message}`,
  );
}

/** Names of the kinds of message. */
export type MessageKind = Message['kind'];
/** The message of one kind: `MessageOf<'task.assign'>`. */
export type MessageOf<K extends MessageKind> = Extract<Message, { kind: K }>;

/**
 * Asks an OpenAI-compatible chat endpoint for one reply.
 *
 * Invariants:
 * - the key goes to the configured host only (no redirect is followed) and into no error: errors are made of status codes and of
 *   what this file says, never of headers or of a body;
 * - a body is read up to `MAX_RESPONSE_BYTES`; what would pass is a failure;
 * - at most `TRIES` tries, and only where another may help: 408, 429, 5xx, no connection. All of them share the caller's signal.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DialecticError } from '../../errors.js';

export interface ChatEndpoint {
  /** Base of the endpoint, such as http://localhost:8000/v1. */
  readonly url: string;
  readonly model: string;
  /** Null where the endpoint asks for none. */
  readonly key: string | null;
}

const TRIES = 3;
/** Doubled after each try. */
const BACKOFF_MS = 250;
const MAX_RESPONSE_BYTES = 262_144;

/** Whether a text can stand in a header; anything else would end up in the error of whoever builds it. */
export const isUsableKey = (key: string): boolean => /^[\x21-\x7e]{1,4096}$/.test(key);

/**
 * A function that sends a prompt as one user message and gives the reply's text. It rejects with SCORER, or with the signal's reason.
 * Errors: CONFIG for a key that no header can hold.
 */
export function createChat(
  endpoint: ChatEndpoint,
  backoffMs = BACKOFF_MS,
): (prompt: string, signal: AbortSignal) => Promise<string> {
  const { url, model, key } = endpoint;
  if (key !== null && !isUsableKey(key)) {
    throw new DialecticError('CONFIG', 'the key of the judge has characters that no header can hold');
  }
  const address = `${url.replace(/\/+$/, '')}/chat/completions`;
  const headers = {
    'content-type': 'application/json',
    ...(key === null ? {} : { authorization: `Bearer ${key}` }),
  };

  async function attempt(body: string, signal: AbortSignal): Promise<string | Failure> {
    let response: Response;
    try {
      response = await fetch(address, { method: 'POST', headers, body, signal, redirect: 'error' });
    } catch {
      signal.throwIfAborted();
      return { reason: 'there is no connection', isWorthATry: true };
    }
    const { status } = response;
    if (status !== 200) {
      await response.body?.cancel();
      return { reason: `status ${status}`, isWorthATry: status === 408 || status === 429 || status >= 500 };
    }
    return readReply(response, signal);
  }

  return async (prompt, signal) => {
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: prompt }], temperature: 0 });
    for (let tried = 1; ; tried++) {
      const reply = await attempt(body, signal);
      if (typeof reply === 'string') return reply;
      if (!reply.isWorthATry || tried === TRIES) {
        throw new DialecticError('SCORER', `${address} gave no reply in ${tried} tries: ${reply.reason}`);
      }
      await sleep(backoffMs * 2 ** (tried - 1), undefined, { signal });
    }
  };
}

interface Failure {
  readonly reason: string;
  readonly isWorthATry: boolean;
}

/** The text of the first choice. */
async function readReply(response: Response, signal: AbortSignal): Promise<string | Failure> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength;
      // Leaving the loop cancels the body.
      if (size > MAX_RESPONSE_BYTES) {
        return { reason: `a body of more than ${MAX_RESPONSE_BYTES} bytes`, isWorthATry: false };
      }
      chunks.push(chunk);
    }
  } catch {
    signal.throwIfAborted();
    return { reason: 'the connection broke', isWorthATry: true };
  }
  try {
    const reply = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
      choices?: { message?: { content?: unknown } }[];
    };
    const content = reply.choices?.[0]?.message?.content;
    if (typeof content === 'string') return content;
  } catch {
    // Said below.
  }
  return { reason: 'the body is no chat completion', isWorthATry: false };
}

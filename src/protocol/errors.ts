/**
 * Every error a user can meet, with a stable code and the exit code it ends the process with.
 *
 * Invariants: a message says what was wrong, where, what was expected and what to do; crossing a thread keeps
 * class, code and message (structured clone would lose them).
 */

/** Exit codes of the command line, as documented in docs/operations.md. */
export const EXIT = {
  done: 0,
  internal: 1,
  usage: 2,
  modelFile: 3,
  trainingStopped: 5,
  interrupted: 130,
} as const;

export type ErrorCode =
  | 'INTERNAL'
  | 'CONFIG'
  | 'MODEL_FILE'
  | 'DATA'
  | 'ENGINE'
  | 'SHAPE'
  | 'PROTOCOL'
  | 'ASK_TIMEOUT'
  | 'TERMINATED'
  | 'SCORER'
  | 'TRAINING_STOPPED';

/** An error's form on the wire. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly stack?: string;
}

const EXIT_BY_CODE: Partial<Record<ErrorCode, number>> = {
  CONFIG: EXIT.usage,
  DATA: EXIT.usage,
  MODEL_FILE: EXIT.modelFile,
  TRAINING_STOPPED: EXIT.trainingStopped,
};

/** The one error class: what went wrong is its `code`, so that it survives any boundary. */
export class DialecticError extends Error {
  override readonly name = 'DialecticError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Exit code of a process that ends with this error. */
  get exitCode(): number {
    return EXIT_BY_CODE[this.code] ?? EXIT.internal;
  }

  toWire(): WireError {
    return this.stack
      ? { code: this.code, message: this.message, stack: this.stack }
      : { code: this.code, message: this.message };
  }

  static fromWire(wire: WireError): DialecticError {
    const error = new DialecticError(wire.code, wire.message);
    if (wire.stack) error.stack = wire.stack;
    return error;
  }
}

/** Any thrown value as an error of ours, keeping its message and stack. */
export function toDialecticError(cause: unknown): DialecticError {
  if (cause instanceof DialecticError) return cause;
  const error = new DialecticError('INTERNAL', cause instanceof Error ? cause.message : String(cause), {
    cause,
  });
  if (cause instanceof Error && cause.stack) error.stack = cause.stack;
  return error;
}

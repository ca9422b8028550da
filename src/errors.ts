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
  noAnswer: 4,
  trainingStopped: 5,
  disk: 6,
  interrupted: 130,
} as const;

/**
 * What kind of error it is, the same in every version: INTERNAL is a fault of this program; CONFIG, DATA and MODEL_FILE are about what it was
 * given; ENGINE and SHAPE about executing a graph; PROTOCOL, ASK_TIMEOUT and TERMINATED about threads; SCORER about a reward;
 * TRAINING_STOPPED is an update that did not end in time; DISK one that refuses to be written to.
 */
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
  | 'TRAINING_STOPPED'
  | 'DISK';

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
  DISK: EXIT.disk,
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

/** What the operating system calls a disk that is full, over quota, read-only or broken. */
const DISK_TROUBLES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

/** Any thrown value as an error of ours, keeping its message and stack: DISK for a disk that refuses, otherwise INTERNAL. */
export function toDialecticError(cause: unknown): DialecticError {
  if (cause instanceof DialecticError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const isDisk = DISK_TROUBLES.has(Object(cause).code);
  const error = isDisk
    ? new DialecticError('DISK', `${message}. Free some space on that disk, or check it.`, { cause })
    : new DialecticError('INTERNAL', message, { cause });
  if (cause instanceof Error && cause.stack) error.stack = cause.stack;
  return error;
}

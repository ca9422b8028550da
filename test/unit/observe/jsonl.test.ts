/** JSON line files. */
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { JsonLines } from '../../../src/cli/views/json-lines.js';
import { JsonlSink, jsonLine } from '../../../src/observe/jsonl.js';

t.test('each record is on the disk as one line when write returns', async (t) => {
  const path = join(t.testdir(), 'x.jsonl');
  const sink = new JsonlSink(path);
  sink.write({ a: 1, text: 'two\nlines é' });
  t.equal(readFileSync(path, 'utf8'), '{"a":1,"text":"two\\nlines é"}\n');
  sink.write({ a: 2 });
  sink.close();
  t.equal(sink.records, 2);
  t.equal(sink.bytes, statSync(path).size);
});

t.test('a second sink appends to what is there', async (t) => {
  const path = join(t.testdir(), 'x.jsonl');
  for (const a of [1, 2]) {
    const sink = new JsonlSink(path);
    sink.write({ a });
    sink.close();
    sink.close();
  }
  t.equal(readFileSync(path, 'utf8'), '{"a":1}\n{"a":2}\n');
});

t.test('numbers that JSON lacks stay visible', async (t) => {
  t.equal(
    jsonLine({ loss: Number.NaN, a: [Number.POSITIVE_INFINITY], b: -0.5 }),
    '{"loss":"NaN","a":["Infinity"],"b":-0.5}\n',
  );
});

t.test('writing after closing is an error that names the file', async (t) => {
  const path = join(t.testdir(), 'x.jsonl');
  const sink = new JsonlSink(path);
  sink.close();
  t.throws(() => sink.write({}), { code: 'INTERNAL', message: /x\.jsonl: written to after/ });
});

t.test('a refused write is an error that names the file and the place in it', async (t) => {
  const path = join(t.testdir(), 'x.jsonl');
  // A new file gets the descriptor that was closed last: closing it again takes the file from the sink.
  const descriptor = openSync(path, 'a');
  closeSync(descriptor);
  const sink = new JsonlSink(path);
  sink.write({ a: 1 });
  closeSync(descriptor);
  t.throws(() => sink.write({ a: 2 }), {
    code: 'DISK',
    message: /x\.jsonl: cannot append after 8 bytes \(EBADF/,
  });
  t.equal(sink.records, 1);
  if (existsSync('/dev/full')) {
    const full = new JsonlSink('/dev/full');
    t.throws(() => full.write({ a: 1 }), { message: /\/dev\/full: cannot append after 0 bytes \(ENOSPC/ });
  }
});

t.test('lines to a reader that went away are counted and stop nobody', async (t) => {
  const written: string[] = [];
  let fail: (error: Error) => void = () => {};
  const lines = new JsonLines({
    write: (text) => written.push(text),
    on: (_event, listener) => {
      fail = listener;
    },
  });
  lines.write({ a: 1 });
  fail(new Error('EPIPE'));
  lines.write({ a: 2 });
  t.same(written, ['{"a":1}\n']);
  t.equal(lines.lost, 1);
});

/** A small interpreter of Python, enough to run the programs that the dataset asks about; written for the tests alone. */

type Value = number | boolean | Value[] | ((...values: Value[]) => Value) | null;
type Scope = Map<string, Value>;

class Return {
  constructor(readonly value: Value) {}
}

const BINARY: readonly (readonly string[])[] = [
  ['==', '!=', '<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '//', '%'],
];

const floorMod = (a: number, b: number): number => ((a % b) + b) % b;

function apply(operator: string, a: number, b: number): Value {
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '//':
      return Math.floor(a / b);
    default:
      return floorMod(a, b);
  }
}

/** What a program prints, without the last line end. */
export function runPython(program: string): string {
  const printed: string[] = [];
  const show = (value: Value): string =>
    Array.isArray(value) ? `[${value.map(show).join(', ')}]` : String(value);
  const builtins: Record<string, (...values: Value[]) => Value> = {
    print: (value) => {
      printed.push(show(value!));
      return null;
    },
    sum: (list) => (list as number[]).reduce((a, b) => a + b, 0),
    range: (...bounds) => {
      const [a, b, step = 1] = bounds as number[];
      const [low, high] = b === undefined ? [0, a!] : [a!, b];
      const list: number[] = [];
      for (let k = low; k < high; k += step) list.push(k);
      return list;
    },
    sorted: (list, reverse = false) => {
      const result = [...(list as number[])].sort((p, q) => p - q);
      return reverse ? result.reverse() : result;
    },
  };

  function evaluate(source: string, scope: Scope): Value {
    const tokens = source.match(/\d+|[A-Za-z_]\w*|\/\/|[=!<>]=|\S/g) ?? [];
    let at = 0;
    const expect = (token: string): void => {
      if (tokens[at++] !== token) throw new Error(`expected ${token} in "${source}"`);
    };
    const binary = (level: number): Value => {
      if (level === BINARY.length) return postfix();
      let left = binary(level + 1);
      while (BINARY[level]!.includes(tokens[at] ?? '')) {
        const operator = tokens[at++]!;
        left = apply(operator, left as number, binary(level + 1) as number);
      }
      return left;
    };
    const expression = (): Value => binary(0);
    const postfix = (): Value => {
      let value = primary();
      while (tokens[at] === '(' || tokens[at] === '[') {
        if (tokens[at++] === '(') {
          const values: Value[] = [];
          while (tokens[at] !== ')') {
            if (tokens[at + 1] === '=') at += 2;
            values.push(expression());
            if (tokens[at] === ',') at++;
          }
          at++;
          value = (value as (...values: Value[]) => Value)(...values);
        } else {
          const from = expression() as number;
          if (tokens[at] === ':') {
            at++;
            value = (value as Value[]).slice(from, expression() as number);
          } else value = (value as Value[])[from]!;
          expect(']');
        }
      }
      return value;
    };
    const primary = (): Value => {
      const token = tokens[at++]!;
      if (/^\d+$/.test(token)) return Number(token);
      if (token === 'True') return true;
      if (token === '-') return -(postfix() as number);
      if (token === '(') {
        const value = expression();
        expect(')');
        return value;
      }
      if (token === '[') return list();
      const value = scope.get(token) ?? builtins[token];
      if (value === undefined) throw new Error(`${token} has no value in "${source}"`);
      return value;
    };
    const list = (): Value => {
      const inside = source.slice(source.indexOf('['), source.lastIndexOf(']') + 1);
      const comprehension = /^\[(.+) for (\w+) in (\w+)(?: if (.+))?\]$/.exec(inside);
      if (comprehension) {
        const [, item, name, from, condition] = comprehension as unknown as [
          string,
          string,
          string,
          string,
          string?,
        ];
        while (tokens[at] !== ']') at++;
        at++;
        const inner = (x: Value): Scope => new Map([...scope, [name, x]]);
        return (evaluate(from, scope) as Value[])
          .filter((x) => condition === undefined || evaluate(condition, inner(x)))
          .map((x) => evaluate(item, inner(x)));
      }
      const values: Value[] = [];
      while (tokens[at] !== ']') {
        values.push(expression());
        if (tokens[at] === ',') at++;
      }
      at++;
      return values;
    };
    const value = expression();
    if (at !== tokens.length)
      throw new Error(`cannot read "${source}" after "${tokens.slice(0, at).join(' ')}"`);
    return value;
  }

  function run(lines: readonly string[], scope: Scope): void {
    let passed = false;
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]!;
      const block: string[] = [];
      while (lines[i + 1]?.startsWith('    ')) block.push(lines[++i]!.slice(4));
      let match = /^for (\w+) in (.+):$/.exec(line);
      if (match) {
        for (const x of evaluate(match[2]!, scope) as Value[]) {
          scope.set(match[1]!, x);
          run(block, scope);
        }
        continue;
      }
      match = /^while (.+):$/.exec(line);
      if (match) {
        while (evaluate(match[1]!, scope)) run(block, scope);
        continue;
      }
      match = /^if (.+):$/.exec(line);
      if (match) {
        passed = evaluate(match[1]!, scope) as boolean;
        if (passed) run(block, scope);
        continue;
      }
      if (line === 'else:') {
        if (!passed) run(block, scope);
        continue;
      }
      match = /^def (\w+)\((\w+)\):$/.exec(line);
      if (match) {
        const parameter = match[2]!;
        scope.set(match[1]!, (x) => {
          try {
            run(block, new Map([...scope, [parameter, x!]]));
          } catch (thrown) {
            if (thrown instanceof Return) return thrown.value;
            throw thrown;
          }
          return null;
        });
        continue;
      }
      match = /^return (.+)$/.exec(line);
      if (match) throw new Return(evaluate(match[1]!, scope));
      match = /^(\w+) ([+*-]?)= (.+)$/.exec(line);
      if (match) {
        const [, name, operator, source] = match as unknown as [string, string, string, string];
        const value = evaluate(source, scope);
        scope.set(name, operator ? apply(operator, scope.get(name) as number, value as number) : value);
        continue;
      }
      evaluate(line, scope);
    }
  }
  run(program.split('\n'), new Map());
  return printed.join('\n');
}

/** Big-O class of a function's text: loops inside each other multiply, the largest path counts. */
export function growthOf(program: string): string {
  /** [power of n, power of log n] of the loops that are open, by indentation. */
  const open: { indent: number; power: number; log: number; variable: string }[] = [];
  let best = [0, 0] as [number, number];
  for (const line of program.split('\n').slice(1)) {
    const indent = line.search(/\S/);
    while (open.length > 0 && open.at(-1)!.indent >= indent) open.pop();
    const loop = /^\s*for (\w+) in range\((.+)\):$/.exec(line);
    if (loop) {
      const reaches = (name: string): boolean =>
        name === 'n' || open.some((outer) => outer.variable === name && outer.power > 0);
      const isLong = (loop[2]!.match(/[a-z]\w*/g) ?? []).some(reaches);
      open.push({ indent, power: isLong ? 1 : 0, log: 0, variable: loop[1]! });
    } else if (/^\s*while \w+ < n:$/.test(line)) open.push({ indent, power: 0, log: 1, variable: '' });
    const power = open.reduce((sum, outer) => sum + outer.power, 0);
    const log = open.reduce((sum, outer) => sum + outer.log, 0);
    if (power > best[0] || (power === best[0] && log > best[1])) best = [power, log];
  }
  const [power, log] = best;
  if (power === 0) return log === 0 ? 'O(1)' : 'O(log n)';
  return power === 2 ? 'O(n^2)' : log === 0 ? 'O(n)' : 'O(n log n)';
}

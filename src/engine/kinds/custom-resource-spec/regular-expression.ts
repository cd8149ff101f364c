/** Go's words for the commonest faults of a pattern; `undefined` when it can be read. Patterns are never run here. */
export function regularExpressionFault(pattern: string): string | undefined {
  const lookaround = /\(\?<?[=!]/.exec(pattern)?.[0];
  if (lookaround !== undefined) {
    return `error parsing regexp: invalid or unsupported Perl syntax: \`${lookaround.slice(0, 3)}\``;
  }
  try {
    RegExp(pattern, 'u');
    return undefined;
  } catch {
    return goFault(pattern);
  }
}

function goFault(pattern: string): string | undefined {
  const open = unclosed(pattern);
  if (open.class !== undefined) return `error parsing regexp: missing closing ]: \`${pattern.slice(open.class)}\``;
  if (open.depth > 0) return `error parsing regexp: missing closing ): \`${pattern}\``;
  if (open.depth < 0) return `error parsing regexp: unexpected ): \`${pattern}\``;
  const bare = /^([*+?])/.exec(pattern)?.[1] ?? /[(|]([*+?])/.exec(pattern.replace(/\(\?/g, '(x'))?.[1];
  if (bare !== undefined) return `error parsing regexp: missing argument to repetition operator: \`${bare}\``;
  if (pattern.endsWith('\\')) return 'error parsing regexp: trailing backslash at end of expression: ``';
  // JavaScript is stricter than Go in escapes that mean nothing: such a pattern may well be good.
  return undefined;
}

function unclosed(pattern: string): { readonly depth: number; readonly class: number | undefined } {
  let depth = 0;
  let start: number | undefined;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '\\') at++;
    else if (start !== undefined) {
      if (character === ']' && at > start + 1) start = undefined;
    } else if (character === '[') start = at;
    else if (character === '(') depth++;
    else if (character === ')' && --depth < 0) break;
  }
  return { depth, class: start };
}

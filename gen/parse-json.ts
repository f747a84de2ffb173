/** JSON from outside. */

/** None of the files that are read nests its lists and objects deeper than a fraction of this. */
const MAX_DEPTH = 64;

/** Parses; what nests without end, which takes time and memory out of all proportion, is no JSON here. Throws. */
export function parseJson(text: string): unknown {
  requireShallow(text);
  return JSON.parse(text);
}

function requireShallow(text: string): void {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > MAX_DEPTH) throw new SyntaxError('it is nested too deeply');
  }
}

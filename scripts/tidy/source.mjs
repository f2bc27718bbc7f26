// Enough of TypeScript's lexical grammar to tell code from comments, strings and regular expressions.

const token =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:\\[\s\S]|[^'\\\n])*'?|"(?:\\[\s\S]|[^"\\\n])*"?|[`{}]|\/|[^\s]/g;
const regex = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//y;
const templateText = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*/y;

/** The text with comments and the insides of literals turned into spaces: same length, same lines. */
export function codeOf(text) {
  const code = [...text];
  const templates = []; // For each open template: how many braces are open inside its `${`.
  token.lastIndex = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const start = match.index;
    const end = endOf(text, start, match[0], templates);
    blank(code, ...insideOf(text, start, end, match[0]));
    token.lastIndex = end;
  }
  return code.join('');
}

/** The part of a token that is not code: all of a comment, what is between the marks of a literal. */
function insideOf(text, start, end, found) {
  if (found.startsWith('//') || found.startsWith('/*')) return [start, end];
  return [start + 1, text.startsWith('${', end - 2) ? end - 2 : end - 1];
}

/** Where the token that starts here ends; keeps the stack of open templates. */
function endOf(text, start, found, templates) {
  if (found === '/') return isRegex(text, start) ? matchEnd(regex, text, start) : start + 1;
  if (found === '`') return templateEnd(text, start, templates);
  if (found === '{' && templates.length > 0) templates[templates.length - 1] += 1;
  if (found === '}' && templates.length > 0) {
    if (templates.at(-1) === 0) {
      templates.pop();
      return templateEnd(text, start, templates);
    }
    templates[templates.length - 1] -= 1;
  }
  return start + found.length;
}

/** The end of a stretch of template text that starts with a back-quote or the brace that closes `${`. */
function templateEnd(text, start, templates) {
  const end = matchEnd(templateText, text, start + 1);
  if (text[end] !== '$') return Math.min(end + 1, text.length);
  templates.push(0);
  return end + 2;
}

/** A slash after a value divides; anywhere else it opens a regular expression. */
function isRegex(text, start) {
  const before = text.slice(Math.max(0, start - 40), start).trimEnd();
  if (/(?:^|[^\w$])(?:return|typeof|case|in|of|yield|await)$/.test(before)) return true;
  return before === '' || /[(,=:[!&|?{;+\-*%~^<>]$/.test(before);
}

function matchEnd(sticky, text, start) {
  sticky.lastIndex = start;
  return sticky.test(text) ? sticky.lastIndex : start + 1;
}

function blank(code, start, end) {
  for (let at = start; at < end; at += 1) if (code[at] !== '\n') code[at] = ' ';
}

/** Every module that a source names: `{ specifier, dynamic, line }`, type-only imports included. */
export function importsOf(text) {
  const code = codeOf(text);
  return [...code.matchAll(/\b(?:from|import)\s*(\(?)\s*['"]/g)].map((match) => {
    const opening = match.index + match[0].length - 1;
    const specifier = text.slice(opening + 1, text.indexOf(text[opening], opening + 1));
    return { specifier, dynamic: match[1] === '(', line: lineAt(text, match.index) };
  });
}

/** The number of the line, from 1, that holds this offset. */
export function lineAt(text, offset) {
  return text.slice(0, offset).split('\n').length;
}

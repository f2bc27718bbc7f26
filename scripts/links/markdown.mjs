// Links and anchors of a Markdown page, as GitHub renders it.
import { posix } from 'node:path';

const inlineLink = /\]\(\s*<?([^\s)>]+)>?(?:\s+["'(][^)]*)?\s*\)/g;
const definition = /^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)>?/gm;
const attribute = /<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)=["']([^"'\s]+)/g;

/** Complaints about relative links in this page. `world` has exists(path) and read(path), from the root. */
export function deadLinks(text, path, world) {
  const prose = proseOf(text);
  const links = [inlineLink, definition, attribute].flatMap((kind) => [...prose.matchAll(kind)]);
  return links.flatMap((match) => {
    const complaint = fault(match[1], path, world);
    const line = prose.slice(0, match.index).split('\n').length;
    return complaint === undefined ? [] : [{ path, line, text: complaint }];
  });
}

function fault(link, path, world) {
  if (/^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(link)) return undefined; // Somewhere else: not ours to keep alive.
  const [file, anchor] = link.split('#');
  const target = file === '' ? path : resolve(decodeURI(file), path);
  if (target.startsWith('..') || !world.exists(target)) return `${link} leads nowhere`;
  if (anchor === undefined || anchor === '' || !target.endsWith('.md')) return undefined;
  return anchorsOf(world.read(target) ?? '').has(anchor) ? undefined : `${link}: no such heading`;
}

function resolve(file, path) {
  return file.startsWith('/') ? file.slice(1) : posix.join(posix.dirname(path), file);
}

/** What can stand after # in a link to this page: its headings' slugs and explicit ids. */
export function anchorsOf(text) {
  const anchors = new Set();
  for (const [, title] of withoutFences(text).matchAll(/^ {0,3}#{1,6}\s+(.+?)\s*#*\s*$/gm)) {
    const slug = slugOf(title);
    let unique = slug;
    for (let times = 1; anchors.has(unique); times += 1) unique = `${slug}-${times}`;
    anchors.add(unique);
  }
  for (const [, id] of proseOf(text).matchAll(/<[a-z][^>]*?\b(?:id|name)=["']([^"']+)/gi)) anchors.add(id);
  return anchors;
}

function slugOf(title) {
  const words = title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/<[^>]+>/g, '');
  return words
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

/** The page without code, in which brackets are no links: same length, same lines. */
function proseOf(text) {
  return withoutFences(text).replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, hidden);
}

function withoutFences(text) {
  return text.replace(/^( {0,3})(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^ {0,3}\2[`~]*\s*$|(?![\s\S]))/gm, hidden);
}

function hidden(code) {
  return code.replace(/[^\n]/g, ' ');
}

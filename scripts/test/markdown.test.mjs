import { describe, expect, it } from 'vitest';
import { anchorsOf, deadLinks } from '../links/markdown.mjs';

const pages = {
  'README.md': '# The `dsm` project\n',
  'docs/guide.md':
    '# Guide\n## Why, and how?\n## Again\n## Again\n<a id="here"></a>\n```\n# no heading\n```\n',
  'docs/picture.png': '',
};
const world = { exists: (path) => path in pages || path === 'docs', read: (path) => pages[path] };
const complaints = (text) =>
  deadLinks(text, 'docs/page.md', world).map((dead) => `${dead.line} ${dead.text}`);

describe('deadLinks', () => {
  it.each([
    '[a](guide.md)',
    '[a](guide.md#why-and-how)',
    '[a](guide.md#again-1)',
    '[a](guide.md#here)',
    '[a](../README.md#the-dsm-project "title")',
    '[a](/docs/guide.md)',
    '[a](../docs)',
    '![a](picture.png)',
    '<img alt="a" src="./picture.png">',
    '[a][b]\n\n[b]: guide.md',
    '[a](https://example.org/nowhere.md)',
    '`[a](nowhere.md)`',
    '```md\n[a](nowhere.md)\n```',
  ])('follows %j', (text) => expect(complaints(`${text}\n`)).toEqual([]));

  it.each([
    ['[a](nowhere.md)', '1 nowhere.md leads nowhere'],
    ['a\n\n![a](nowhere.png)', '3 nowhere.png leads nowhere'],
    ['<a href="nowhere.md">a</a>', '1 nowhere.md leads nowhere'],
    ['[a][b]\n\n[b]: nowhere.md', '3 nowhere.md leads nowhere'],
    ['[a](guide.md#no-heading)', '1 guide.md#no-heading: no such heading'],
    ['[a](../../outside.md)', '1 ../../outside.md leads nowhere'],
    ['```\ncode\n```\n[a](nowhere.md)', '4 nowhere.md leads nowhere'],
  ])('complains about %j', (text, complaint) => expect(complaints(text)).toEqual([complaint]));

  it('looks for an anchor without a file in the page itself', () => {
    pages['docs/page.md'] = '# Title\n';
    expect(complaints('[a](#title)')).toEqual([]);
    expect(complaints('[a](#other)')).toEqual(['1 #other: no such heading']);
  });
});

describe('anchorsOf', () => {
  it('spells headings as GitHub does', () => {
    const headings = '# A b\n## `code` & [link](x.md)\n### 1. Über_uns\n# A b\n';
    expect([...anchorsOf(headings)]).toEqual(['a-b', 'code--link', '1-über_uns', 'a-b-1']);
  });
});

#!/usr/bin/env node
import { dsm } from './command.js';

process.exitCode = await dsm(process.argv.slice(2), {
  // `npm run` changes the folder; relative paths mean the one that the user stands in.
  folder: process.env.INIT_CWD ?? process.cwd(),
  get input() {
    return process.stdin.setEncoding('utf8');
  },
  output: process.stdout,
  complaints: process.stderr,
});

import { ABSENT, DsmError, type Key, type RawEntry, type Value } from '@dsm/core';

/** The first byte of every record: a string of somebody else's rarely begins so. */
const magic = 0xd5;
/** The magic byte and the length of the version. */
const headBytes = 2;

const absent: RawEntry = { value: ABSENT, version: '' };

/** A value and the version of its write as one string of Redis: magic, length of the version, version, value. */
export function recordOf(version: string, value: Exclude<Value, null>): Buffer {
  const record = Buffer.allocUnsafe(headBytes + version.length + value.length);
  record[0] = magic;
  record[1] = version.length;
  record.write(version, headBytes, 'latin1');
  record.set(value, headBytes + version.length);
  return record;
}

/** The entry that is stored under a key. Throws `DSM_STORE` where somebody else has stored something else. */
export function entryOf(key: Key, record: Buffer | null): RawEntry {
  if (record === null) return absent;
  const versionBytes = record[1] ?? 0;
  const valueAt = headBytes + versionBytes;
  if (record[0] !== magic || versionBytes === 0 || record.length < valueAt) {
    throw new DsmError('DSM_STORE', `what Redis holds of '${key}' was not written by this program`);
  }
  return { value: record.subarray(valueAt), version: record.toString('latin1', headBytes, valueAt) };
}

/**
 * Compares the version and writes, as one step of the server. Takes the key; the expected version, `''` for an absent
 * key; and the record, `''` to delete. Returns 1, or the record that was in the way, or nil where there was none.
 */
export const swapScript = `
local stored = redis.call('GET', KEYS[1])
local version = ''
if stored then
  if #stored < 2 or string.byte(stored, 1) ~= ${magic} then return stored end
  version = string.sub(stored, 3, 2 + string.byte(stored, 2))
end
if version ~= ARGV[1] then return stored end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2]) end
return 1`;

/**
 * Invalidates tags: KEYS clock, tags...; ARGV the tags' seconds. Returns the new clock.
 *
 * The clock is Redis' time, and never goes back: an entry that outlived a loss of the clock is older than any later value.
 */
export const invalidateScript = `
local time = redis.call('TIME')
local clock = math.max(tonumber(time[1]) * 1000000 + tonumber(time[2]), tonumber(redis.call('GET', KEYS[1]) or '0') + 1)
local text = string.format('%.0f', clock)
redis.call('SET', KEYS[1], text)
for index = 2, #KEYS do redis.call('SET', KEYS[index], text, 'EX', ARGV[1]) end
return text
`;

/**
 * Keeps a value unless one of its tags is newer: KEYS entry, tags...; ARGV text, seconds, stamp, the tags' seconds. Tags that
 * are not known are as old as the value.
 */
export const keepScript = `
local stamp = tonumber(ARGV[3])
for index = 2, #KEYS do
  local known = redis.call('GET', KEYS[index])
  if known and tonumber(known) > stamp then return 0 end
end
for index = 2, #KEYS do
  if redis.call('EXISTS', KEYS[index]) == 0 then redis.call('SET', KEYS[index], ARGV[3], 'EX', ARGV[4])
  elseif redis.call('TTL', KEYS[index]) < tonumber(ARGV[2]) then redis.call('EXPIRE', KEYS[index], ARGV[4]) end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
`;

import { hash } from 'node:crypto';

/**
 * Decides on any number of takes in one step, one after the other, by the store's own clock.
 *
 * A bucket is one number, the time in milliseconds since the epoch at which it is full; it expires at that time.
 *
 * KEYS: one bucket for each charge, take by take.
 * ARGV: for each take the number of its charges, then for each charge what must be free, what is taken and what the bucket
 * holds, all in milliseconds of filling.
 * Returns for each take 1 or 0, then for each of its charges how long the bucket had to fill, in whole microseconds.
 */
export const takeScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local reply, key, argument = {}, 1, 1
while key <= #KEYS do
  local count = tonumber(ARGV[argument])
  local first = argument + 1
  local levels, allowed = {}, 1
  for charge = 1, count do
    local full = tonumber(redis.call('GET', KEYS[key + charge - 1]) or now)
    local level = math.max(0, full - now)
    local place = first + (charge - 1) * 3
    if level + ARGV[place] > ARGV[place + 2] + 0.01 then allowed = 0 end
    levels[charge] = level
  end
  reply[#reply + 1] = allowed
  for charge = 1, count do
    reply[#reply + 1] = math.ceil(levels[charge] * 1000)
    if allowed == 1 then
      local level = levels[charge] + ARGV[first + (charge - 1) * 3 + 1]
      redis.call('SET', KEYS[key + charge - 1], string.format('%.3f', now + level), 'PX', math.ceil(level) + 1)
    end
  end
  key = key + count
  argument = first + count * 3
end
return reply`;

/** By which a server knows the script that it has seen before. */
export const takeScriptDigest = hash('sha1', takeScript);
